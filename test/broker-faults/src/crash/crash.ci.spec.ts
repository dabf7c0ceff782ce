import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe('a broker that dies at any change of its disk', () => {
  const report = startRun('crash');

  it('L60 keeps every acknowledged record once and in order and every offset, topic and producer, and leaves nothing half done', () => {
    expect(report().problems).toEqual([]);
  });

  it('is tried under kill -9, torn writes and power loss', () => {
    const few = report()
      .rows.slice(1)
      .filter(({ tried }) => tried < 3)
      .map(({ what }) => what);
    expect({ rows: report().rows.length > 4, few }).toEqual({ rows: true, few: [] });
  });

  it('has transactions, groups, compaction, retention and topic changes under way', () => {
    expect(report().rows[0]?.note).toMatch(/transactions committed.*segments compacted/);
    expect(report().rows[0]?.note).not.toMatch(/(^|, )0 /);
  });
});
