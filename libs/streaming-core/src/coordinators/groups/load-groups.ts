import type { Logger } from '../../runtime/index.ts';
import type { StoredBatch } from '../coordinator-topic.ts';
import type { StoredRecord } from '../../records/records.ts';
import type { GroupSnapshot } from './group-snapshot.ts';
import type { OffsetStore } from './offset-store.ts';
import { readRecord, type OffsetsTopicRecord } from './offsets-topic-records.ts';
import type { OffsetsTopic } from './offsets-topic.ts';

interface Loading {
  readonly topic: OffsetsTopic;
  readonly offsets: OffsetStore;
  readonly logger: Logger;
}

/**
 * Replays `__consumer_offsets`: puts offsets into the store and returns the newest snapshot of each
 * group. A later record replaces an earlier one, and a tombstone deletes it.
 */
export function loadGroups({ topic, offsets, logger }: Loading): Iterable<GroupSnapshot> {
  const groups = new Map<string, GroupSnapshot>();
  for (const batch of topic.batches()) {
    if (batch.marker !== undefined) offsets.applyEnd(batch.partition, batch.marker);
    for (const stored of batch.records) {
      const record = understand(stored, logger);
      if (record?.kind === 'offset') replay(record, { stored, batch, offsets });
      else if (record?.snapshot !== undefined) groups.set(record.groupId, record.snapshot);
      else if (record !== undefined) groups.delete(record.groupId);
    }
  }
  for (const [partition, cause] of topic.unreadable)
    logger.error(
      { partition, err: cause },
      'groups of this partition of __consumer_offsets are refused, because their committed offsets are unknown',
    );
  return groups.values();
}

interface OffsetReplay {
  readonly stored: StoredRecord;
  readonly batch: StoredBatch;
  readonly offsets: OffsetStore;
}

/**
 * An offset of a transaction waits for its marker, which is further down the log or not written
 * yet.
 */
function replay(
  { place, committed }: OffsetsTopicRecord & { kind: 'offset' },
  { stored, batch, offsets }: OffsetReplay,
): void {
  const recordOffset = stored.offset;
  if (batch.isTransactional && committed !== undefined)
    offsets.applyPending(batch.partition, batch.producer.producerId, [{ place, committed, recordOffset }]);
  else offsets.apply(place, committed, recordOffset);
}

/**
 * A record that was not written by this coordinator must not keep the broker from starting. It is
 * logged and skipped.
 */
function understand({ key, value, offset }: StoredRecord, logger: Logger): OffsetsTopicRecord | undefined {
  try {
    const record = key === null ? undefined : readRecord(key, value);
    if (record === undefined)
      logger.warn({ offset }, 'skipped a record of an unknown kind in __consumer_offsets');
    return record;
  } catch (error) {
    logger.error({ offset, err: error }, 'skipped an unreadable record in __consumer_offsets');
    return undefined;
  }
}
