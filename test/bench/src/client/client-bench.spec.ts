import { describe, expect, it } from '@jest/globals';
import { behind, distances, tableOf, type Measured } from './report.ts';
import type { ClientName } from './run-client.ts';

const produced = (client: ClientName, elapsedMs: number, cpuMs: number): Measured => ({
  engine: 'kafka',
  client,
  workload: { kind: 'produce', records: 1_000, recordBytes: 100 },
  runs: [{ records: 1_000, elapsedMs, cpuMs, latenciesMs: [] }],
});
const single = (client: ClientName, latenciesMs: readonly number[]): Measured => ({
  engine: 'kafka',
  client,
  workload: { kind: 'single', records: 3, recordBytes: 100 },
  runs: [{ records: 3, elapsedMs: 1, cpuMs: 1, latenciesMs }],
});

describe('the bench of clients', () => {
  it('shows the median of each client, and a dash for one that did not run', () => {
    const table = tableOf('kafka', [produced('ours', 10, 2), single('kafkajs', [3, 1, 2])]);
    expect(table).toContain('| produce 100 B | 100,000/s, 2 µs CPU | - | - | - |');
    expect(table).toContain('| p50 2.00 ms, p99 3.00 ms, 333.3 µs CPU |');
  });

  it('lists where a JavaScript client is ahead in rate, latency or CPU, and ignores librdkafka', () => {
    expect(
      behind([
        produced('ours', 10, 2),
        produced('kafkajs', 5, 3),
        produced('librdkafka', 1, 1),
        single('ours', [2, 9]),
        single('platformatic', [1, 10]),
      ]),
    ).toEqual([
      'kafka, produce 100 B: kafkajs does more records per second',
      'kafka, one record at a time, 100 B: platformatic has a lower p50',
    ]);
    expect(behind([produced('ours', 5, 1), produced('kafkajs', 6, 2)])).toEqual([]);
  });

  it('says how far librdkafka is ahead, for rows with records per second', () => {
    expect(
      distances([
        produced('ours', 10, 4),
        produced('librdkafka', 4, 1),
        single('ours', [1]),
        single('librdkafka', [1]),
      ]),
    ).toEqual(['kafka, produce 100 B: 2.5 times the records per second, with 25% of the CPU']);
  });
});
