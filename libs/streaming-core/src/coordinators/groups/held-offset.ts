import type { GroupPartition } from './types.ts';
import type { OffsetPlace, StoredOffset } from './offsets-topic-records.ts';

/** An offset of a group, by where it belongs. Times are Unix milliseconds. */
export interface HeldOffset extends GroupPartition {
  readonly committedAtMs: number;
  /** Undefined where the settings of the broker say how long it is kept. */
  readonly expiresAtMs: number | undefined;
  /** A transaction that is not decided yet has committed it, too. */
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
