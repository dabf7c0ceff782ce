import type { GroupPartition } from './types.ts';
import type { OffsetPlace, StoredOffset } from './offsets-topic-records.ts';

/** An offset of a group and the partition it is for. Times are Unix milliseconds. */
export interface HeldOffset extends GroupPartition {
  readonly committedAtMs: number;
  /** Undefined when the broker's retention setting applies. */
  readonly expiresAtMs: number | undefined;
  /** Whether an undecided transaction has also committed it. */
  readonly isPending: boolean;
}

export const heldOffset = (
  { topic, partition }: OffsetPlace,
  { committedAtMs, expiresAtMs }: StoredOffset,
  isPending: boolean,
): HeldOffset => ({
  topic,
  partition,
  isPending,
  committedAtMs: Number(committedAtMs),
  expiresAtMs: expiresAtMs === undefined ? undefined : Number(expiresAtMs),
});
