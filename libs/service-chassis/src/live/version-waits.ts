import { z } from 'zod';
import type { LiveConfig } from '../config/live-settings.ts';
import { refusal } from '../http/problem.ts';
import type { StreamVersions } from './stream-versions.ts';

/** The query fields of a call that can wait for what its caller has written: `...waitQuery` inside its own `z.strictObject`. */
export const waitQuery = {
  wait: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      'Answer once this version is reached, such as the one that a POST answered; 409 when it is not in time',
    ),
  waitMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .optional()
    .describe("Wait no longer than this; the service's own limit (5 s) holds as well"),
};

export interface VersionWait {
  readonly wait?: number | undefined;
  readonly waitMs?: number | undefined;
}

export const VERSION_WAITS = Symbol('VersionWaits');

/** Read your writes, also where another process made them. */
export interface VersionWaits {
  /**
   * Resolves once the stream has come to the wanted version, and for a stream without any event at the limit: it is for the caller to say
   * that it does not exist. Rejects with 409 `version_not_reached`, with the version that there is, and with 503 where too many wait.
   */
  reached(stream: string, wait: VersionWait): Promise<void>;
  readonly count: number;
  /** Answers all that wait, so that HTTP can drain. */
  stop(): void;
}

export interface VersionWaitsOptions {
  readonly versions: StreamVersions;
  readonly config: Pick<LiveConfig, 'waitsMax' | 'waitMsMax'>;
  /** True where what is not there may be on its way: that is a version not reached, too. */
  readonly absentMayCome?: boolean;
}

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
    if (stopping.signal.aborted) throw refusal('too_many_waits', { detail: 'The service is about to stop' });
    const version = await versions.of(stream);
    if ((version === 0 && !absentMayCome) || version >= wait) return;
    throw refusal('version_not_reached', { version });
  }

  return {
    async reached(stream, { wait, waitMs = config.waitMsMax }) {
      if (wait === undefined) return;
      if (stopping.signal.aborted || count >= config.waitsMax) throw refusal('too_many_waits');
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
