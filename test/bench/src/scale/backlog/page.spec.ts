import { describe, expect, it } from '@jest/globals';
import { backlogNumbers, inOneLine, type BacklogMeasured } from './page.ts';

const facts = {
  machine: 'a machine',
  date: '2026-11-28',
  command: 'npm run bench -- scale --backlog 400',
  orders: 400,
  lagThreshold: 500,
};
const alone: BacklogMeasured = {
  processes: 1,
  orders: 400,
  lag: 1_200,
  readSeconds: 6,
  chargedSeconds: 100,
  handled: [400],
  callSecondsP50: 2.01,
};
const three: BacklogMeasured = {
  ...alone,
  processes: 3,
  readSeconds: 8,
  chargedSeconds: 40,
  handled: [134, 133, 133],
};
const measured = [
  alone,
  three,
  { ...alone, readSeconds: 5, chargedSeconds: 110 },
  { ...three, chargedSeconds: 44 },
];

describe('the numbers of a backlog', () => {
  it('have a row for each measurement, with what each process has handled', () => {
    const rows = backlogNumbers(measured, facts)
      .split('\n')
      .filter((line) => line.startsWith('| 1 |') || line.startsWith('| 3 |'));
    expect(rows).toEqual([
      '| 1 | 1200 | 6 | 200 | 100 | 4 | 400 | 2 |',
      '| 3 | 1200 | 8 | 150 | 40 | 10 | 134 + 133 + 133 | 2 |',
      '| 1 | 1200 | 5 | 240 | 110 | 3.6 | 400 | 2 |',
      '| 3 | 1200 | 8 | 150 | 44 | 9.1 | 134 + 133 + 133 | 2 |',
    ]);
  });

  it('compare the medians of several processes with those of one', () => {
    expect(backlogNumbers(measured, facts)).toContain(
      'In the median, 3 processes had read the backlog after 8 s and one after 5.5 s. ' +
        'All cards were charged after 42 s and 105 s.',
    );
  });

  it('say if one of several processes has handled nothing', () => {
    const unequal = [alone, { ...three, handled: [200, 200, 0] }];
    expect(backlogNumbers(measured, facts)).not.toContain('Not all processes');
    expect(backlogNumbers(unequal, facts)).toContain('Not all processes handled commands.');
  });

  it('compare each count, if the lags have asked for different ones', () => {
    const four = { ...three, processes: 4, handled: [100, 100, 100, 100], chargedSeconds: 30 };
    const text = backlogNumbers([alone, three, alone, four], facts);
    expect(text).toContain('In the median, 3 processes');
    expect(text).toContain('In the median, 4 processes');
  });

  it('fit one line while the bench runs', () => {
    expect(inOneLine(three)).toBe(
      '3 of payment: a lag of 1200 read after 8 s, 400 orders charged after 40 s, 400 commands: 134 + 133 + 133',
    );
  });
});
