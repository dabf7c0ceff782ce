import { describe, expect, it } from '@jest/globals';
import type { FaultsRow } from '../report.ts';
import { startRun } from '../start-run.ts';
import { recordedRequests } from './recorded-requests.ts';

describe('a broker that gets truncated, damaged and invented requests', () => {
  const report = startRun('fuzz', 600_000);

  it('L12 stays alive, keeps its memory within bounds, and serves others meanwhile', () => {
    expect(report().problems).toEqual([]);
  });

  it('gets every recorded request cut at every byte, and 100,000 mutated ones', () => {
    const bytes = recordedRequests().reduce((sum, body) => sum + body.length, 0);
    expect(row('recorded requests cut at every byte').tried).toBe(bytes);
    const mutated = report().rows.filter(({ what }) => what.startsWith('mutated'));
    expect(mutated.reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThanOrEqual(100_000);
  });

  it.each(['mutated: requests with other values', 'mutated: requests with other bytes'])(
    'answers %s in every version of every API',
    (what) => {
      const [, answered, versions] = /in (\d+) of (\d+) versions/.exec(row(what).note) ?? [];
      expect(answered).toBe(versions);
    },
  );

  it('answers nine in ten requests whose layout is right', () => {
    const { tried, note } = row('mutated: requests with other values');
    expect(Number(/^(\d+) answered/.exec(note)?.[1])).toBeGreaterThan(0.9 * tried);
  });

  function row(name: string): FaultsRow {
    return (
      report().rows.find(({ what }) => what === name) ?? {
        what: name,
        tried: 0,
        violations: 0,
        note: 'missing',
      }
    );
  }
});
