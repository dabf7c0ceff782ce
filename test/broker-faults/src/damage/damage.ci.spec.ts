import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe('a broker whose files are damaged while it is down', () => {
  const report = startRun('damage');

  it('L62 serves what was stored or refuses to serve, and never serves anything else', () => {
    expect(report().problems).toEqual([]);
  });

  it('is tried on damaged files', () => {
    expect(report().rows.at(-1)?.tried).toBeGreaterThan(5);
  });
});
