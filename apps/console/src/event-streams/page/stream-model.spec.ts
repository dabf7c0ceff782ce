import { describe, expect, it } from '@jest/globals';
import {
  hidesPersonalValues,
  pagesBeside,
  pathOfStream,
  problemOfPoint,
  stateQuery,
} from './stream-model.ts';

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
    const beside = (lowest: number, highest: number) => pagesBeside('newest', { lowest, highest }, 120);

    expect(beside(71, 120)).toEqual({ previous: undefined, next: 70 });
    expect(beside(21, 70)).toEqual({ previous: 120, next: 20 });
    expect(beside(1, 20)).toEqual({ previous: 70, next: undefined });
  });

  it('are shown from the oldest on, page by page', () => {
    const beside = (lowest: number, highest: number) => pagesBeside('oldest', { lowest, highest }, 120);

    expect(beside(1, 50)).toEqual({ previous: undefined, next: 51 });
    expect(beside(51, 100)).toEqual({ previous: 1, next: 101 });
    expect(beside(101, 120)).toEqual({ previous: 51, next: undefined });
  });
});

it('the path of a stream keeps every character of its name', () => {
  expect(pathOfStream('order', 'order-a/b c')).toBe('/streams/order/order-a%2Fb%20c');
});
