import type { OwnedPartition, OwnershipListener } from '@millrace/streaming-core/consumer';
import {
  createPolling,
  seconds,
  systemClock,
  type Finding,
  type Logger,
  type Polling,
} from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';

/** $1 group; $2 topics, $3 partitions and $4 epochs as parallel arrays. */
const OFFSETS_KEPT = `
  SELECT count(*)::int AS kept
  FROM consumer_offset JOIN unnest($2::text[], $3::int[], $4::bigint[]) AS owned (topic, partition, epoch) USING (topic, partition)
  WHERE consumer_group = $1 AND assignment_epoch = owned.epoch`;

export interface LostOffsetsOptions {
  readonly database: SqlDatabase;
  readonly group: string;
  readonly logger: Logger;
}

/**
 * Notices that the stored offsets of a group are gone, for example after a rebuild of its read
 * model, even if no message arrives. The owner of a partition would otherwise only learn of it with
 * its next batch. A member that has lost an offset is fenced, joins again and starts at the first
 * record.
 */
export function lostOffsets({ database, group, logger }: LostOffsetsOptions): OwnershipListener & Polling {
  const owned = new Map<string, OwnedPartition>();

  async function look(): Promise<Finding> {
    const partitions = [...owned.values()];
    if (partitions.length === 0) return 'nothing';
    const column = <Name extends 'topic' | 'partition'>(name: Name) => partitions.map((each) => each[name]);
    const values = [
      group,
      column('topic'),
      column('partition'),
      partitions.map(({ epoch }) => String(epoch)),
    ];
    const { rows } = await database.query<{ kept: number }>(OFFSETS_KEPT, values);
    if ((rows[0]?.kept ?? 0) === partitions.length) return 'nothing';
    logger.warn(
      { group, partitions: partitions.length, kept: rows[0]?.kept },
      'stored offsets are gone; the consumer starts again at the first record of those partitions',
    );
    await Promise.allSettled(partitions.map((partition) => partition.transaction(() => Promise.resolve())));
    return 'nothing';
  }

  return {
    ...createPolling(look, {
      clock: systemClock,
      logger,
      name: `the search for lost offsets of ${group}`,
      idleMsMin: seconds(5),
      idleMsMax: seconds(5),
    }),
    onOwned: (partition) => void owned.set(`${partition.topic}/${partition.partition}`, partition),
    onLost: async ({ topic, partition }) => void owned.delete(`${topic}/${partition}`),
  };
}
