import {
  milliseconds,
  pause,
  RetryLog,
  type Clock,
  type DurationMs,
  type Logger,
} from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { CommitListener } from './commits.ts';

/** The PostgreSQL channel on which processes of one service tell each other about work. */
export const hintChannel = 'millrace_work';

const NOTIFY = 'SELECT pg_notify($1, worker) FROM unnest($2::text[]) AS worker';

export interface HintSenderOptions {
  readonly database: Pick<SqlDatabase, 'query'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Commits closer together than this share one notification. */
  readonly everyMsMin?: DurationMs;
}

/**
 * Returns a function that tells the other processes of the service about work for the named
 * workers. PostgreSQL lets one notifying transaction commit at a time, so the notification is a
 * transaction of its own, after the commit that left the work, and at most one per interval. A
 * failure is logged and not repeated: the other processes also poll.
 */
export function createHintSender({
  database,
  clock,
  logger,
  everyMsMin = milliseconds(20),
}: HintSenderOptions): CommitListener {
  const failures = new RetryLog({ clock, logger });
  const unsent = new Set<string>();
  let sending = false;

  async function sendAll(): Promise<void> {
    while (unsent.size > 0) {
      const workers = [...unsent];
      unsent.clear();
      try {
        await database.query(NOTIFY, [hintChannel, workers]);
        failures.recovered('hints are sent to other processes again');
      } catch (error) {
        failures.failed(error, 'a hint was not sent; other processes find the work when they poll');
      }
      await pause(clock, everyMsMin);
    }
  }

  return (workers) => {
    for (const worker of workers) unsent.add(worker);
    if (sending) return;
    sending = true;
    void sendAll().finally(() => (sending = false));
  };
}
