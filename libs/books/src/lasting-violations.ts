import { pause, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import type { Found, Look } from './look-at-books.ts';

interface Looking {
  readonly look: () => Promise<Look>;
  readonly waitMs: DurationMs;
  readonly everyMs: DurationMs;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLook: (left: number, waitedMs: DurationMs) => void;
}

/**
 * Looks again until nothing is found or the time is over, and returns the violations that every
 * look found, with what the last one counted. Work under way looks like a violation for a while,
 * because the databases are not read at one moment.
 */
export async function lastingViolations(looking: Looking): Promise<Look> {
  const { look, waitMs, everyMs, clock, signal, onLook } = looking;
  const start = clock.monotonic();
  let { found: lasting, counted } = await look();
  for (;;) {
    const waitedMs = clock.monotonic() - start;
    onLook(lasting.length, waitedMs);
    if (lasting.length === 0 || waitedMs >= waitMs || signal.aborted) return { found: lasting, counted };
    await pause(clock, everyMs, signal);
    const next = await look();
    counted = next.counted;
    const now = new Map(next.found.map((found) => [nameOf(found), found]));
    lasting = lasting.flatMap((before) => now.get(nameOf(before)) ?? []);
  }
}

const nameOf = ({ kind, subject }: Found): string => `${kind} ${subject}`;
