import { describe, expect, it } from '@jest/globals';
import { disturbance, machineTime, printedDisturbance, whyNotQuiet } from './quiet.ts';

const at = (line: string) => machineTime(() => `cpu  ${line}\ncpu0 1 2 3\n`);
const before = at('1000 0 500 8000 100 50 50 0 0 0');
/** 10 s on two CPUs: 12 s busy, 1 s of interrupts, 1 s for the host, 6 s idle. */
const after = at('1900 100 700 8500 200 100 100 100 0 0');

describe('what else ran during a bench', () => {
  it('is the CPU time that is not its own, without interrupts', () => {
    expect(disturbance(0.1, before, after, 11_000)).toEqual({
      loadBefore: 0.1,
      foreignPercent: 5,
      stolenPercent: 5,
    });
    expect(disturbance(0.1, before, after, 12_500)).toMatchObject({ foreignPercent: 0 });
  });

  it('is unknown without /proc', () => {
    const missing = machineTime(() => {
      throw new Error('ENOENT');
    });
    const unknown = disturbance(0.1, missing, missing, 1);
    expect(printedDisturbance(unknown)).toContain('other programs took ? %');
    expect(whyNotQuiet(unknown)).toMatch(/does not tell/);
  });

  it.each([
    [0.29, 11_100, undefined],
    [0.3, 11_100, /load average before was 0.30, and must be below 0.3/],
    [0.29, 11_000, /other programs took 5 % of the CPU time, and must take less than 5 %/],
  ])('spoils the numbers above a limit: load %s, own CPU time %s ms', (load, ownMs, why) => {
    const found = whyNotQuiet(disturbance(load, before, after, ownMs));
    expect(found ?? 'quiet').toMatch(why ?? /^quiet$/);
  });
});
