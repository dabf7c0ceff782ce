import { z } from 'zod';
import { RefusedRead } from '../errors.ts';
import type { StreamVersions } from './stream-versions.ts';

/**
 * The query fields of a read that can wait for what its caller has written. Use `...waitQuery`
 * inside its own `z.strictObject`.
 */
export const waitQuery = {
  wait: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      'Answers once this version is reached, such as the version that a POST returned; ' +
        'answers 409 if that takes too long',
    ),
  waitMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .optional()
    .describe("Waits at most this long; the service's own limit (5 s by default) applies as well"),
};

export interface VersionWait {
  readonly wait?: number | undefined;
  readonly waitMs?: number | undefined;
}

/** Lets callers read their own writes, even those that another process made. */
export interface VersionWaits {
  /**
   * Resolves once the stream has reached the wanted version.
   *
   * - For a stream without events it resolves at the time limit, and the caller reports that the
   *   stream does not exist.
   * - Otherwise it rejects at the limit with 409 `version_not_reached` and the current version.
   * - It rejects with 503 when too many requests wait.
   */
  reached(stream: string, wait: VersionWait): Promise<void>;
  readonly count: number;
  /** Answers all waiting requests, so that HTTP can drain. */
  stop(): void;
}

interface WaitLimits {
  /** The number of requests that may wait at the same time. */
  readonly waitsMax: number;
  readonly waitMsMax: number;
}

export interface VersionWaitsOptions {
  readonly versions: StreamVersions;
  readonly config: WaitLimits;
  /** True if a missing row may still arrive. It then counts as a version not reached. */
  readonly absentMayCome?: boolean;
}

/**
 * Creates the waits of a service, at most `waitsMax` at a time and `waitMsMax` each. `versions`
 * must have been started.
 */
export function createVersionWaits({
  versions,
  config,
  absentMayCome = false,
}: VersionWaitsOptions): VersionWaits {
  const stopping = new AbortController();
  let count = 0;

  async function wanted(stream: string, wait: number, waitMsMax: number): Promise<void> {
    if ((await versions.above(stream, wait - 1, { waitMsMax, signal: stopping.signal })) !== undefined)
      return;
    if (stopping.signal.aborted)
      throw new RefusedRead('too_many_waits', { detail: 'The service is about to stop' });
    const version = await versions.of(stream);
    if ((version === 0 && !absentMayCome) || version >= wait) return;
    throw new RefusedRead('version_not_reached', { version });
  }

  return {
    async reached(stream, { wait, waitMs = config.waitMsMax }) {
      if (wait === undefined) return;
      if (stopping.signal.aborted || count >= config.waitsMax) throw new RefusedRead('too_many_waits');
      count++;
      try {
        await wanted(stream, wait, Math.min(waitMs, config.waitMsMax));
      } finally {
        count--;
      }
    },
    get count() {
      return count;
    },
    stop: () => stopping.abort(),
  };
}
