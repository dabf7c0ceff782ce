import { describe, expect, it } from '@jest/globals';
import { eventsPage, hidesPersonalValues, pathOfStream, problemOfPoint, stateQuery } from './stream-model.ts';

describe('the state of a stream', () => {
  const chosen = { version: '', at: '', compare: '' };

  it.each([
    [chosen, 'version=7'],
    [{ ...chosen, version: '3' }, 'version=3'],
    [{ ...chosen, version: '99' }, 'version=7'],
    [{ ...chosen, version: '0' }, 'version=1'],
    [{ ...chosen, version: 'x' }, 'version=7'],
    [{ ...chosen, version: '3', compare: '0' }, 'version=3&compare=0'],
    [{ ...chosen, version: '3', at: '2026-11-22T09:00:00Z' }, 'at=2026-11-22T09%3A00%3A00Z'],
  ])('is asked for as %j says', (wanted, query) => {
    expect(stateQuery(wanted, 7)).toBe(query);
  });

  it.each(['', '0', '12', '2026-11-22T09:00:00Z'])('is compared with the point %j', (point) => {
    expect(problemOfPoint(point)).toBe('');
  });

  it.each(['-1', 'yesterday', '2026-11', '2026-99-99T09:00:00Z'])('refuses the point %j', (point) => {
    expect(problemOfPoint(point)).toContain('Give a version');
  });

  it('hides personal values wherever they stand in it', () => {
    expect(hidesPersonalValues({ lines: [{ name: '[personal]' }] })).toBe(true);
    expect(hidesPersonalValues({ name: 'personal' })).toBe(false);
    expect(hidesPersonalValues(undefined)).toBe(false);
  });
});

describe('the events of a stream', () => {
  it('are shown from the newest on, page by page', () => {
    expect(eventsPage('newest', '', 120)).toEqual({
      lowest: 71,
      highest: 120,
      previous: undefined,
      next: 70,
    });
    expect(eventsPage('newest', '70', 120)).toEqual({ lowest: 21, highest: 70, previous: 120, next: 20 });
    expect(eventsPage('newest', '20', 120)).toMatchObject({ lowest: 1, highest: 20, next: undefined });
  });

  it('are shown from the oldest on, page by page', () => {
    expect(eventsPage('oldest', '', 120)).toEqual({ lowest: 1, highest: 50, previous: undefined, next: 51 });
    expect(eventsPage('oldest', '51', 120)).toEqual({ lowest: 51, highest: 100, previous: 1, next: 101 });
    expect(eventsPage('oldest', '101', 120)).toMatchObject({ highest: 120, next: undefined });
  });
});

it('the path of a stream keeps every character of its name', () => {
  expect(pathOfStream('order', 'order-a/b c')).toBe('/streams/order/order-a%2Fb%20c');
});
