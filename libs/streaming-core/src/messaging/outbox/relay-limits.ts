import { hours, milliseconds, seconds, type DurationMs } from '../../runtime/index.ts';

export interface RelayLimits {
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  readonly leaseMs: DurationMs;
  readonly renewEveryMs: DurationMs;
  /** How often a relay without the lease tries to take it. */
  readonly competeEveryMs: DurationMs;
  readonly pollDelayMsMin: DurationMs;
  /** The longest pause of a relay that is not notified. It bounds the delay after a lost hint. */
  readonly pollDelayMsMax: DurationMs;
  readonly retryDelayMsMin: DurationMs;
  readonly retryDelayMsMax: DurationMs;
  readonly maintainEveryMs: DurationMs;
  /** How long the mark on the broker may lag behind the relay. */
  readonly markDelayMs: DurationMs;
  /** How often the cursor follows a connector that publishes the outbox. */
  readonly followEveryMs: DurationMs;
  readonly stopTimeoutMs: DurationMs;
}

/** The limits of a relay that names no others. */
export const relayLimits: RelayLimits = Object.freeze({
  batchRowsMax: 500,
  batchBytesMax: 4_000_000,
  leaseMs: seconds(10),
  renewEveryMs: seconds(3),
  competeEveryMs: seconds(1),
  pollDelayMsMin: milliseconds(1),
  pollDelayMsMax: seconds(1),
  retryDelayMsMin: milliseconds(50),
  retryDelayMsMax: seconds(5),
  maintainEveryMs: hours(1),
  markDelayMs: seconds(1),
  followEveryMs: seconds(1),
  stopTimeoutMs: seconds(10),
});
