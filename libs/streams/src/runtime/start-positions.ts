import type { Admin, CommittedOffset, OpenLogReader, TopicPartition } from '@millrace/streaming-core/client';
import { decodeOffsetMetadata, type OffsetMetadata } from '../assignment/offset-metadata.ts';
import type { OffsetReset } from '../topology/topology-spec.ts';
import { placeName } from './place-name.ts';
import { StreamsError } from './streams-error.ts';

/** The position at which a task continues in one of its partitions. */
export interface StartPosition extends OffsetMetadata {
  readonly offset: bigint;
}

interface StartPositionParts {
  readonly groupId: string;
  readonly admin: { readonly groups: Pick<Admin['groups'], 'offsets'> };
  readonly reader: Pick<OpenLogReader, 'beginningOffsets' | 'endOffsets'>;
  /** Returns where to begin in a topic without a committed offset. */
  readonly resetOf: (topic: string) => OffsetReset;
}

const unknownMetadata = decodeOffsetMetadata(undefined);

/**
 * Returns where to begin in each partition, by its name: at the committed offset, once no open
 * transaction has a newer one (KIP-447), or where `resetOf` says if there is none. Rejects with
 * `no_offset` if that is nowhere.
 */
export async function startPositions(
  places: readonly TopicPartition[],
  { groupId, admin, reader, resetOf }: StartPositionParts,
): Promise<ReadonlyMap<string, StartPosition>> {
  if (places.length === 0) return new Map();
  const committed = await admin.groups.offsets(groupId, { partitions: places, stable: true });
  const positions = new Map(committed.map((one) => [placeName(one), positionOf(one)]));
  const without = places.filter((place) => !positions.has(placeName(place)));
  for (const { topic, partition } of without.filter(({ topic }) => resetOf(topic) === 'none'))
    throw new StreamsError(
      'no_offset',
      `the group ${groupId} has no offset for ${topic}/${partition}, and its reset is none: ` +
        'commit one, or let the application begin at earliest or latest',
    );
  const latest = without.filter(({ topic }) => resetOf(topic) === 'latest');
  const earliest = without.filter(({ topic }) => resetOf(topic) === 'earliest');
  const begins = await Promise.all([
    earliest.length > 0 ? reader.beginningOffsets(earliest) : [],
    latest.length > 0 ? reader.endOffsets(latest) : [],
  ]);
  for (const begin of begins.flat())
    positions.set(placeName(begin), { ...unknownMetadata, offset: begin.offset });
  return positions;
}

const positionOf = ({ offset, metadata }: CommittedOffset): StartPosition => ({
  ...decodeOffsetMetadata(metadata),
  offset,
});
