import type { CommittedOffset } from './types.ts';
import type { OffsetPlace, StoredOffset } from './offsets-topic-records.ts';

/** Measured: up to 500 for an offset that is alone in its topic, and what the entry of an open transaction has beside it. */
const bytesEach = 500;
/** Texts may have two bytes for each unit; names of a place stand in it and in its key. */
const bytesPerUnit = 2;

/** An estimate of the memory of one offset, for the limit over all groups. */
export const bytesOfOffset = (
  offset: { readonly place: OffsetPlace; readonly committed: Pick<StoredOffset, 'metadata'> } | undefined,
): number =>
  offset === undefined
    ? 0
    : bytesEach +
      bytesPerUnit *
        (offset.place.groupId.length + offset.place.topic.length + offset.committed.metadata.length);

/** The same of one that is about to be committed. */
export const bytesOfCommit = (groupId: string, { topic, partition, metadata }: CommittedOffset): number =>
  bytesOfOffset({ place: { groupId, topic, partition }, committed: { metadata: metadata ?? '' } });
