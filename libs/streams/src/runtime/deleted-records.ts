import { ClientError, type OpenLogReader, type UndecodedPartition } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { OffsetReset } from '../topology/topology-spec.ts';
import { placeName } from './place-name.ts';
import { StreamsError } from './streams-error.ts';

interface DeletedRecordsParts {
  readonly reader: Pick<OpenLogReader, 'beginningOffsets' | 'endOffsets'>;
  /** Returns where to continue in a topic whose next records were deleted. */
  readonly resetOf: (topic: string) => OffsetReset;
  readonly logger: Logger;
}

/** Whether the log does not have the offset from which the partition was fetched. */
export const isOutOfRange = ({ error }: UndecodedPartition): boolean =>
  error instanceof ClientError && error.code === 'offset_out_of_range';

/**
 * Returns the place after deleted records as an empty fetch. If retention has deleted the next
 * records, a task continues where `resetOf` says, as in Kafka Streams, and a warning names the lost
 * offsets. Rejects with `no_offset` if that is nowhere.
 *
 * Kafka Streams also resets an offset beyond the end of the log. The state would then take records
 * that it already has, so this rejects with `log_too_short`.
 */
export async function pastDeleted(
  { error: _outOfRange, nextOffset: offset, ...refused }: UndecodedPartition,
  { reader, resetOf, logger }: DeletedRecordsParts,
): Promise<UndecodedPartition> {
  const { topic, partition } = refused;
  const place = { topic, partition };
  const name = placeName(place);
  const [begins, ends] = await Promise.all([reader.beginningOffsets([place]), reader.endOffsets([place])]);
  const begin = begins[0]!.offset;
  const end = ends[0]!.offset;
  if (offset > end)
    throw new StreamsError(
      'log_too_short',
      `${name} ends at offset ${end}, and the application is at offset ${offset}: restore the log, or let the ` +
        'application start over with `npm run streams-reset`',
    );
  const nextOffset = offset < begin ? resetTo(resetOf(topic), { name, offset, begin, end }) : offset;
  if (nextOffset > offset)
    logger.warn(
      { topic, partition, fromOffset: offset, toOffset: nextOffset - 1n },
      `${name}: records before offset ${begin} were deleted before the application read them. It has lost those ` +
        `from offset ${offset} to ${nextOffset - 1n}; give the topic a longer retention`,
    );
  return { ...refused, nextOffset, highWatermark: end };
}

interface Deleted {
  readonly name: string;
  readonly offset: bigint;
  readonly begin: bigint;
  readonly end: bigint;
}

function resetTo(reset: OffsetReset, { name, offset, begin, end }: Deleted): bigint {
  if (reset !== 'none') return reset === 'earliest' ? begin : end;
  throw new StreamsError(
    'no_offset',
    `the records of ${name} from offset ${offset} to ${begin - 1n} were deleted, and its reset is none: ` +
      'commit another offset, or let the application continue at earliest or latest',
  );
}
