import { eventFollower } from '@millrace/event-sourcing';
import { pause, type Clock, type DurationMs, type Logger } from '@millrace/streaming-core/runtime';
import { createPolling, type Finding } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';

export interface StreamVersionsOptions {
  readonly database: Pick<SqlDatabase, 'query'>;
  /**
   * Selects `id` and `version` of the streams in $1 (text[]) that exist. By default it reads the
   * service's streams.
   */
  readonly statement?: string;
  /**
   * The worker that a commit announces work for when it changes what the statement selects. By
   * default this is the follower of streams.
   */
  readonly worker?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The longest time that an event of another process may go unseen. */
  readonly idleMsMax?: DurationMs;
  /** Commits closer together than this share one query. */
  readonly lookEveryMsMin?: DurationMs;
}

interface Patience {
  readonly waitMsMax: DurationMs;
  readonly signal: AbortSignal;
}

/**
 * Watches the versions of streams as they grow, whichever process writes to them. One statement
 * reads every stream that a caller waits for. It runs after each commit of this process and,
 * without a notification, at growing intervals. A stream's row carries its version, and a version
 * becomes visible only with everything before it, so no event is skipped.
 */
export interface StreamVersions {
  /** The name under which a commit announces work for it. */
  readonly worker: string;
  start(): void;
  notify(): void;
  stop(): Promise<void>;
  /**
   * Resolves to the stream's version as soon as it is above `version`, or to undefined when
   * patience ends.
   */
  above(stream: string, version: number, patience: Patience): Promise<number | undefined>;
  /** Resolves to the stream's version, 0 for a stream without events. */
  of(stream: string): Promise<number>;
}

const READ_VERSIONS = 'SELECT id, version FROM stream WHERE id = ANY ($1::text[])';

interface Wait {
  readonly stream: string;
  readonly version: number;
  readonly seen: (version: number) => void;
}

/**
 * Creates a watch over versions. Nothing is read before `start`. A commit of another process that
 * nobody announces is seen within `idleMsMax`, 250 ms by default.
 */
export function createStreamVersions({
  database,
  statement = READ_VERSIONS,
  worker = eventFollower,
  clock,
  logger,
  idleMsMax = 250,
  lookEveryMsMin = 10,
}: StreamVersionsOptions): StreamVersions {
  const waits = new Set<Wait>();
  const polling = createPolling(look, {
    clock,
    logger,
    name: 'stream versions',
    idleMsMin: lookEveryMsMin,
    idleMsMax,
    retryDelayMsMax: 1_000,
  });
  let lookedAt = -Infinity;

  async function look(): Promise<Finding> {
    if (waits.size === 0) return 'nothing until notified';
    const restMs = lookedAt + lookEveryMsMin - clock.monotonic();
    if (restMs > 0) await pause(clock, restMs);
    lookedAt = clock.monotonic();
    const asking = [...waits];
    const versions = await versionsOf(new Set(asking.map(({ stream }) => stream)));
    const served = asking.filter(({ stream, version }) => (versions.get(stream) ?? 0) > version);
    for (const { stream, seen } of served) seen(versions.get(stream) ?? 0);
    return served.length > 0 ? 'all' : 'nothing';
  }

  async function versionsOf(streams: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const { rows } = await database.query<{ id: string; version: string }>(statement, [[...streams]]);
    return new Map(rows.map(({ id, version }) => [id, Number(version)]));
  }

  return {
    worker,
    ...polling,
    of: async (stream) => (await versionsOf(new Set([stream]))).get(stream) ?? 0,
    above: (stream, version, { waitMsMax, signal }) =>
      new Promise((resolve) => {
        const settle = (found?: number) => {
          waits.delete(wait);
          cancel();
          signal.removeEventListener('abort', giveUp);
          resolve(found);
        };
        const giveUp = () => settle();
        const wait: Wait = { stream, version, seen: settle };
        const cancel = clock.after(waitMsMax, giveUp);
        signal.addEventListener('abort', giveUp);
        if (signal.aborted) return giveUp();
        waits.add(wait);
        polling.notify(); // the stream may have grown since the caller looked
      }),
  };
}
