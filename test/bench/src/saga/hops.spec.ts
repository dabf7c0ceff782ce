import { describe, expect, it } from '@jest/globals';
import { hopsOf, printedHops, type LoggedMessage } from './hops.ts';

const message = (id: string, type: string, causationId: string, writtenMs: number, publishedMs: number) =>
  ({ id, type, causationId, writtenMs, publishedMs, bytes: 0 }) satisfies LoggedMessage;

describe('the hops of an order', () => {
  const hops = hopsOf([
    message('1', 'OrderCreated', '1', 100, 104),
    message('2', 'ReserveInventory', '1', 111, 130),
    message('3', 'OrderCreated', '3', 200, 202),
    message('4', 'ReserveInventory', '3', 203, 210),
    message('5', 'PaymentProcessed', 'not read', 300, 301),
  ]);

  it('run from the publication of the cause to that of the message, in two parts', () => {
    expect(hops[0]).toEqual({
      from: 'OrderCreated',
      to: 'ReserveInventory',
      count: 2,
      handled: { p50: 1, p90: 7, p99: 7 },
      published: { p50: 7, p90: 19, p99: 19 },
    });
  });

  it('begin with a request if the cause was none of the messages', () => {
    expect(hops.slice(1).map(({ from, to, handled }) => ({ from, to, handled }))).toEqual([
      { from: undefined, to: 'OrderCreated', handled: undefined },
      { from: undefined, to: 'PaymentProcessed', handled: undefined },
    ]);
  });

  it('count a message once that a relay has published twice', () => {
    const twice = message('1', 'OrderCreated', '1', 100, 104);
    expect(hopsOf([twice, twice])).toMatchObject([{ count: 1 }]);
  });

  it('are printed as a table', () => {
    expect(printedHops(hops)).toContain('OrderCreated -> ReserveInventory');
  });
});
