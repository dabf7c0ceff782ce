import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe('a broker whose disk fails or is full at some call', () => {
  const report = startRun('failing-disk');

  it('L61 keeps what it acknowledged, never repeats a failed sync, and accepts writes again once there is room', () => {
    expect(report().problems).toEqual([]);
  });

  it('is tried with both errors', () => {
    const tried = (code: string) =>
      report()
        .rows.filter(({ what }) => what.startsWith(code))
        .reduce((sum, row) => sum + row.tried, 0);
    expect({ EIO: tried('EIO') > 0, ENOSPC: tried('ENOSPC') > 0 }).toEqual({ EIO: true, ENOSPC: true });
  });
});
