import { eventFollower } from '@millrace/event-sourcing';
import { pause, type Clock, type DurationMs, type Logger } from '@millrace/streaming-core/contract';
import { createPolling, type Finding } from '@millrace/streaming-core/outside-calls';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { WakefulWorker } from '../lifecycle/woken-by-commits.ts';

export interface StreamWatchOptions {
  readonly database: Pick<SqlDatabase, 'query'>;
  /** Gives `id` and `version` of those of $1 (text[]) that there are; by default of the service's streams. */
  readonly versions?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the event of another process may go unseen. */
  readonly idleMsMax?: DurationMs;
  /** Commits that come closer together than this are looked for at once. */
  readonly lookEveryMsMin?: DurationMs;
}

export interface Patience {
  readonly waitMsMax: DurationMs;
  readonly signal: AbortSignal;
}

/**
 * Sees streams grow, whoever writes to them: one statement looks for all that anybody waits for, when this process has committed and, ever
 * less often, on its own. The row of a stream carries its version, and a version is visible once everything up to it is: no event is skipped.
 */
export interface StreamWatch extends WakefulWorker {
  /** The stream's version, as soon as it is above `version`; undefined when patience ends. */
  above(stream: string, version: number, patience: Patience): Promise<number | undefined>;
  /** 0 for a stream without events. */
  version(stream: string): Promise<number>;
}

const READ_VERSIONS = 'SELECT id, version FROM stream WHERE id = ANY ($1::text[])';

interface Watcher {
  readonly stream: string;
  readonly version: number;
  readonly seen: (version: number) => void;
}

export function createStreamWatch({
  database,
  versions: statement = READ_VERSIONS,
  clock,
  logger,
  idleMsMax = 250,
  lookEveryMsMin = 10,
}: StreamWatchOptions): StreamWatch {
  const watchers = new Set<Watcher>();
  const polling = createPolling(look, {
    clock,
    logger,
    name: 'the watch on streams',
    idleMsMin: lookEveryMsMin,
    idleMsMax,
    retryDelayMsMax: 1_000,
  });
  let lookedAt = -Infinity;

  async function look(): Promise<Finding> {
    if (watchers.size === 0) return 'nothing';
    const restMs = lookedAt + lookEveryMsMin - clock.monotonic();
    if (restMs > 0) await pause(clock, restMs);
    lookedAt = clock.monotonic();
    const asking = [...watchers];
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
    worker: eventFollower,
    ...polling,
    version: async (stream) => (await versionsOf(new Set([stream]))).get(stream) ?? 0,
    above: (stream, version, { waitMsMax, signal }) =>
      new Promise((resolve) => {
        const settle = (found?: number) => {
          watchers.delete(watcher);
          cancel();
          signal.removeEventListener('abort', giveUp);
          resolve(found);
        };
        const giveUp = () => settle();
        const watcher: Watcher = { stream, version, seen: settle };
        const cancel = clock.after(waitMsMax, giveUp);
        signal.addEventListener('abort', giveUp);
        if (signal.aborted) return giveUp();
        watchers.add(watcher);
        polling.notify(); // it may have grown between the caller's look and this
      }),
  };
}
