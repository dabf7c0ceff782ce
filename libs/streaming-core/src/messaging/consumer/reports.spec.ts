import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { Reports } from './reports.ts';

const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const partitions = [0, 1, 2].map((partition) => ({ topic: 'orders', partition }));

function bench() {
  const lines: string[] = [];
  const note = (_fields: object, message: string) => void lines.push(message);
  const clock = new ManualClock();
  const reports = new Reports('order', { ...silentLogger, info: note, warn: note, error: note }, clock);
  return { lines, clock, reports };
}

const failed = 'the batch failed through no fault of its messages; retrying';

describe('the log of an outage', () => {
  it('R33 has one line for all partitions, and one more when all of them have recovered', async () => {
    const { lines, clock, reports } = bench();
    for (let attempt = 0; attempt < 40; attempt += 1) {
      for (const at of partitions) reports.retrying(away, 'batch', at);
      await clock.advance(200);
    }
    for (const at of partitions) {
      expect(lines).toEqual([failed]);
      reports.succeeded('batch', at);
    }
    reports.succeeded('batch', partitions[0]);

    expect(lines.slice(1)).toEqual(['batches are committed again after 8 s and 120 failed attempts']);
  });

  it('does not wait for a partition that was given back', () => {
    const { lines, reports } = bench();
    for (const at of partitions) reports.retrying(away, 'batch', at);
    reports.left(partitions[2]!);
    reports.succeeded('batch', partitions[0]);
    reports.succeeded('batch', partitions[1]);

    expect(lines).toEqual([failed, 'batches are committed again after 0 s and 3 failed attempts']);
  });
});
