import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe("a broker's process that is killed at a system call, or whose call fails", () => {
  const report = startRun('injected');

  it('L66 keeps what it promised', () => {
    expect(report().problems).toEqual([]);
  });

  it('is tried at some calls', () => {
    expect(report().rows.reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThan(0);
  });
});
