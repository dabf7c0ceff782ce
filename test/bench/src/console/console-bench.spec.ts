import { describe, expect, it } from '@jest/globals';
import { renderPage, views, type ConsoleNumbers } from './page.ts';
import { cpuMsSince, processOf } from './process-cost.ts';

const facts = { machine: 'a machine', date: '2026-11-26', command: 'npm run bench', loadBefore: 0.1 };

const numbers = (costMs: number): ConsoleNumbers => ({
  starts: [
    { console: true, seconds: 3 + costMs / 1_000 },
    { console: false, seconds: 3 },
  ],
  cpu: [0, 20].flatMap((rate) =>
    views.map((view) => ({
      view,
      rate,
      ofStack: 20 + rate * 50 + (view === 'none' ? 0 : costMs),
      ofConsole: view === 'none' ? 0 : costMs,
    })),
  ),
  pssMb: { idle: 50, onePage: 54, used: 60, smallestNest: 45 },
});

describe('the page of the console bench', () => {
  it.each([
    [0, 3, 0],
    [60, 0, 3],
  ])('says which targets a console meets that costs %d ms', (costMs, met, missed) => {
    const page = renderPage(numbers(costMs), facts);
    expect(page.match(/ met /g) ?? []).toHaveLength(met);
    expect(page.match(/\*\*missed\*\*/g) ?? []).toHaveLength(missed);
  });
});

describe('the CPU time between two looks', () => {
  it('counts threads that have come, and takes nothing off for those that have ended', () => {
    const before = new Map([
      ['stays', 100],
      ['ends', 5_000],
    ]);
    const now = new Map([
      ['stays', 130],
      ['comes', 20],
    ]);
    expect(cpuMsSince(before, now)).toBe(50);
  });
});

describe('a process of the stack', () => {
  it('is not found if it does not run', () => {
    expect(() => processOf('no-such-app', process.pid)).toThrow('no process of the stack runs no-such-app');
  });
});
