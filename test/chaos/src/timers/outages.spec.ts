import { describe, expect, it } from '@jest/globals';
import type { Absence } from '../faults.ts';
import { outagesOf } from './outages.ts';

const pause = (part: string, fromMs: number, toMs: number): Absence => ({
  part,
  kind: 'pause',
  fromMs,
  toMs,
});
const kill = (part: string, fromMs: number, toMs: number): Absence => ({ part, kind: 'kill', fromMs, toMs });

describe('the outages that delay every timer', () => {
  it('are those of the log and the database, and not those of services', () => {
    const engines = ['broker', 'postgres', 'backend', 'stack', 'everything'].map((part) =>
      kill(part, 1_000, 2_000),
    );

    expect(outagesOf([...engines, kill('order', 1_000, 2_000), pause('inventory', 1_000, 2_000)])).toEqual(
      engines,
    );
  });

  it('include a pause that ends before the session of the paused process', () => {
    const short = pause('order-2', 10_000, 14_000);

    expect(outagesOf([short, pause('order-2', 30_000, 38_000)])).toEqual([short]);
  });

  it.each([
    ['the broker was away', kill('broker', 12_000, 13_000)],
    ['the other process was away', kill('order', 12_000, 15_000)],
  ])('include a long pause during which %s, so that nobody took over', (_what, meanwhile) => {
    const long = pause('order-2', 10_000, 18_000);

    expect(outagesOf([long, meanwhile])).toContain(long);
  });

  it.each([
    ['PostgreSQL was away', kill('postgres', 12_000, 13_000)],
    ['the broker was not', kill('broker', 19_000, 20_000)],
    ['another service was away', kill('inventory', 12_000, 15_000)],
  ])('K12 leave out a long pause during which %s', (_what, meanwhile) => {
    const long = pause('order-2', 10_000, 18_000);

    expect(outagesOf([long, meanwhile])).not.toContain(long);
  });
});
