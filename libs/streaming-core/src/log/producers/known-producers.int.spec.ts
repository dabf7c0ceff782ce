import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { batchOf, logFolder } from '../data-folder/log-folder.fixture.ts';
import type { PartitionLog } from '../partition-log-port.ts';
import { RecordBatch } from '../../records/record-batch.ts';

const dayMs = 86_400_000;
const suite = logFolder();

function write(partition: PartitionLog, producerIds: readonly number[]): void {
  for (const id of producerIds)
    partition.append(
      new RecordBatch(batchOf(['v'], { producerId: BigInt(id), producerEpoch: 0, baseSequence: 0 })),
    );
}

const knownIn = (partition: PartitionLog): number[] =>
  partition.producers().map(({ producerId }) => Number(producerId));

describe('producers that a broker knows', () => {
  it('are forgotten after a day of silence, as in Kafka, or after the current setting, even across a restart', async () => {
    const clock = new ManualClock();
    const options = { clock, flush: 'none' } as const;
    const manager = await suite.open(options);
    await manager.createTopic({ name: 'orders', partitions: 1 });
    const partition = manager.partition('orders', 0)!;
    write(partition, [1]);
    await clock.advance(dayMs / 2);
    write(partition, [2]);
    await clock.advance(dayMs / 2 - 60_000);
    expect(knownIn(partition)).toEqual([1, 2]);
    await clock.advance(700_000);
    expect(knownIn(partition)).toEqual([2]);
    manager.reconfigure({ producerIdExpirationMs: dayMs / 4 });
    await clock.advance(600_000);
    expect(knownIn(partition)).toEqual([]);

    write(partition, [3]);
    await suite.close();
    const reopened = await suite.reopen({
      ...options,
      producerIdExpirationMs: 5_000,
      producerIdExpirationCheckIntervalMs: 1_000,
    });
    expect(knownIn(reopened)).toEqual([3]);
    await clock.advance(7_000);
    expect(knownIn(reopened)).toEqual([]);
  });

  it('are limited in number: the partition that knows the most forgets the longest silent ones first', async () => {
    const clock = new ManualClock();
    const manager = await suite.open({ clock, flush: 'none', producersMax: 5 });
    await manager.createTopic({ name: 'orders', partitions: 2 });
    const quiet = manager.partition('orders', 0)!;
    const flooded = manager.partition('orders', 1)!;
    write(quiet, [1, 2]);
    write(flooded, [11, 12, 13]);
    await clock.advance(5_000);
    expect(knownIn(quiet)).toEqual([1, 2]);
    expect(knownIn(flooded)).toEqual([11, 12, 13]); // prettier-ignore
    write(flooded, [14, 15, 16]);
    await clock.advance(5_000);
    expect(knownIn(quiet)).toEqual([1, 2]);
    expect(knownIn(flooded)).toEqual([14, 15, 16]); // prettier-ignore
  });
});
