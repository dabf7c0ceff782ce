import { ClientError } from '../errors/client-error.ts';
import { nameOf } from '../partition-names.ts';
import type { FetchPosition, TopicPartition } from '../types.ts';

interface OffsetsOfBatch {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
}

/** The error for a batch whose header is whole, and whose records are not what a producer wrote. */
export const unreadableBatch = (
  at: TopicPartition,
  { baseOffset, lastOffset }: OffsetsOfBatch,
  cause: unknown,
): ClientError =>
  unreadable(`offsets ${baseOffset} to ${lastOffset}`, at, `offset ${lastOffset + 1n}`, cause);

/** The error for the batch at a position, of which nothing is certain. */
export const damagedBatch = (position: FetchPosition, cause: unknown): ClientError =>
  unreadable(`offset ${position.offset}`, position, 'an offset beyond it', cause);

function unreadable(offsets: string, at: TopicPartition, next: string, cause: unknown): ClientError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ClientError(
    'broker_error',
    `the batch of ${nameOf(at)} at ${offsets} cannot be read (${reason}): restore the partition from a copy, or ` +
      `lose the batch and continue at ${next}. A group does so if that offset is committed for it while it is ` +
      'stopped, and then also skips what it has not committed before the batch',
    { cause },
  );
}
