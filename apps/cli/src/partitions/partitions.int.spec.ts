import { describe, expect, it } from '@jest/globals';
import { millrace, millraceJson } from '../cli.fixture.ts';
import type { PartitionAnswer, PartitionNeeds } from './partitions.ts';

describe('millrace partitions', () => {
  it('answers from a measurement of this cluster, and leaves nothing behind', async () => {
    const answer = await millraceJson<PartitionAnswer & PartitionNeeds>([
      'partitions',
      '--rate',
      '30',
      '--handler-rate',
      '10',
      '--seconds',
      '1',
      '--bytes',
      '100',
    ]);

    expect(answer).toMatchObject({ partitions: 6, because: 'handling', rate: 30, growth: 2 });
    expect(answer.producedPerPartition).toBeGreaterThan(100);
    expect(answer.consumedPerPartition).toBeGreaterThan(100);
    expect((await millrace(['topics', 'list'])).out).not.toContain('millrace-measurement');
  });

  it('asks for the rate', async () => {
    expect(await millrace(['partitions'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('--rate'),
    });
  });
});
