import type { TopicIdentity } from '@millrace/streaming-core/client';
import { claimLogCluster } from '@millrace/streaming-core/consumer';
import { type Logger, pause, systemClock } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';

type Topics = ReadonlyMap<string, TopicIdentity>;

export interface RequiredTopics {
  readonly topics: readonly string[];
  /** Resolves to the topics that exist. May reject while no broker answers. */
  readonly describe: (topics: readonly string[]) => Promise<Topics>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly retryDelayMs?: number;
  /** How often the log line is repeated during the wait. */
  readonly remindMs?: number;
}

/**
 * Waits until every topic that the service reads or writes exists. The setup step may still have to
 * create them, or the broker may be unreachable. Logs what it waits for immediately, and again at
 * intervals. Resolves to undefined when the signal aborts.
 */
export async function waitForTopics(options: RequiredTopics): Promise<Topics | undefined> {
  const { topics, describe, logger, signal, retryDelayMs = 250, remindMs = 10_000 } = options;
  let remindAt = systemClock.monotonic();
  while (!signal.aborted) {
    const found = await describe(topics).catch((err: unknown) =>
      err instanceof Error ? err : new Error(String(err)),
    );
    const missing = found instanceof Error ? topics : topics.filter((topic) => !found.has(topic));
    if (!(found instanceof Error) && missing.length === 0) return found;
    if (systemClock.monotonic() >= remindAt) {
      remindAt = systemClock.monotonic() + remindMs;
      if (found instanceof Error)
        logger.warn({ reason: found.message }, `waiting for the log: ${troubleOf(found)}`);
      else logger.warn({ missing }, 'waiting for the setup step to create topics (npm start runs it)');
    }
    await pause(systemClock, retryDelayMs, signal);
  }
  return undefined;
}

/** Ties the database to the cluster of these topics. Rejects if it belongs to another cluster. */
export async function claimClusterOf(topics: Topics, database: SqlDatabase): Promise<void> {
  for (const clusterId of new Set([...topics.values()].map((topic) => topic.clusterId)))
    await claimLogCluster(database, clusterId);
}

const troubleOf = (error: Error): string =>
  'code' in error && error.code === 'access_refused' ? error.message : 'no broker answers';
