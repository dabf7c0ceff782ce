import { describe, expect, it } from '@jest/globals';
import { differences } from './check-services.ts';

const order = { order_id: 'o1', status: 'completed', version: '2', customer: 'ada', amount: '20' };
const payment = { order_id: 'o1', payment: 'processed' };
const shown = { ...order, reservation: null, payment: 'processed', shipment: null, mail: null };

describe('the comparison of order overviews with the events', () => {
  it('finds nothing while they agree', () => {
    expect(differences([[order], [payment], []], [shown])).toEqual([]);
    expect(differences([[], []], [])).toEqual([]);
  });

  it.each([
    ['a status that is behind', { ...shown, status: 'pending', version: '1' }, /status completed.*pending/],
    ['the column of another service', { ...shown, payment: null }, /payment processed, .*order_overview/],
    ['a column that no event has written', { ...shown, mail: 'order-completed' }, /says .*mail order-comp/],
  ])('finds %s', (_what, row, detail) => {
    expect(differences([[order], [payment]], [row])).toEqual([
      { kind: 'order_overview', subject: 'order o1', detail: expect.stringMatching(detail) },
    ]);
  });

  it('finds orders that are missing or that no event has', () => {
    const stranger = { ...shown, order_id: 'o2' };
    expect(differences([[order], [payment]], [stranger])).toMatchObject([
      { subject: 'order o1', detail: expect.stringContaining('order_overview says nothing') },
      { subject: 'order o2', detail: expect.stringContaining('services say nothing') },
    ]);
  });

  it('is left out in a database without them', () => {
    expect(differences([[order]], undefined)).toEqual([]);
  });
});
