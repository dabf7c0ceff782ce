import { describe, expect, it } from '@jest/globals';
import { startRun } from '../start-run.ts';

describe('a broker with slow and stuck peers', () => {
  const report = startRun('peers');

  it('L65 keeps its memory within its limits and serves the others, during and after', () => {
    expect(report().problems).toEqual([]);
  });

  it('cuts off peers that read nothing and peers that never finish a request', () => {
    const cut = report().rows.filter(({ note }) => Number(/(\d+) peers cut off/.exec(note)?.[1] ?? 0) > 0);
    expect(cut.length).toBeGreaterThanOrEqual(3);
  });
});
