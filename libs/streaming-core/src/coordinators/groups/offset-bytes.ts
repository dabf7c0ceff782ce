import type { CommittedOffset } from './types.ts';
import type { OffsetPlace, StoredOffset } from './offsets-topic-records.ts';

/**
 * Measured: up to 500 bytes for the only offset of its topic, or for the entry of an open
 * transaction.
 */
const bytesEach = 500;
/**
 * Strings may take two bytes per UTF-16 unit. The names of a place are in the place and in its key.
 */
const bytesPerUnit = 2;

/** Estimates the memory of one offset, for the limit over all groups. */
export const bytesOfOffset = (
  offset: { readonly place: OffsetPlace; readonly committed: Pick<StoredOffset, 'metadata'> } | undefined,
): number =>
  offset === undefined
    ? 0
    : bytesEach +
      bytesPerUnit *
        (offset.place.groupId.length + offset.place.topic.length + offset.committed.metadata.length);

/** Estimates the memory of an offset that is about to be committed. */
export const bytesOfCommit = (groupId: string, { topic, partition, metadata }: CommittedOffset): number =>
  bytesOfOffset({ place: { groupId, topic, partition }, committed: { metadata: metadata ?? '' } });
