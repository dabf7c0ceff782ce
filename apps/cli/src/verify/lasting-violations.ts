import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import type { ServiceViolation } from '../books/check-services.ts';
import type { Violation } from '../books/violation.ts';

export type Found = Violation | ServiceViolation;

export interface Looking {
  readonly look: () => Promise<readonly Found[]>;
  readonly waitMs: DurationMs;
  readonly everyMs: DurationMs;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLook: (left: number, waitedMs: DurationMs) => void;
}

/**
 * Looks again until nothing is found or the time is over, and returns the violations that every
 * look found. Work under way looks like a violation for a while, because the databases are not read
 * at one moment.
 */
export async function lastingViolations({
  look,
  waitMs,
  everyMs,
  clock,
  signal,
  onLook,
}: Looking): Promise<readonly Found[]> {
  const start = clock.monotonic();
  let lasting = await look();
  for (;;) {
    const waitedMs = clock.monotonic() - start;
    onLook(lasting.length, waitedMs);
    if (lasting.length === 0 || waitedMs >= waitMs || signal.aborted) return lasting;
    await pause(clock, everyMs, signal);
    const now = new Map((await look()).map((found) => [nameOf(found), found]));
    lasting = lasting.flatMap((before) => now.get(nameOf(before)) ?? []);
  }
}

const nameOf = ({ kind, subject }: Found): string => `${kind} ${subject}`;
