import {
  doubled,
  milliseconds,
  pause,
  RetryLog,
  seconds,
  type Clock,
  type DurationMs,
  type Logger,
} from '@millrace/streaming-core/runtime';
import { Client } from 'pg';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Component } from '../ground/lifecycle/lifecycle.ts';
import type { Commits, CommitListener } from './commits.ts';
import { probing } from './data-source.ts';

/** The PostgreSQL channel on which processes of one service notify each other about work. */
export const hintChannel = 'millrace_work';

const NOTIFY = 'SELECT pg_notify($1, worker) FROM unnest($2::text[]) AS worker';

interface HintSenderOptions {
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

interface HintListenerOptions {
  /** The service's database. The connection is in addition to the pool. */
  readonly url: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly commits: Pick<Commits, 'wake' | 'wakeAll'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
}

const closeMsMax = seconds(1);

/**
 * Wakes the workers of this process for commits of other processes. It listens on a connection of
 * its own and reconnects with backoff. Notifications of the time without a connection are lost, so
 * it wakes every worker once it listens again.
 */
export function createHintListener({
  url,
  applicationName,
  commits,
  clock,
  logger,
  retryDelayMsMin = milliseconds(100),
  retryDelayMsMax = seconds(5),
}: HintListenerOptions): Omit<Component, 'name'> & { stop(): Promise<void> } {
  const retries = new RetryLog({ clock, logger });
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let failures = 0;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await listen();
      } catch (error) {
        if (stopping.signal.aborted) return;
        retries.failed(error, 'hints of other processes cannot be received; reconnecting');
        await pause(clock, doubled(retryDelayMsMin, failures++, retryDelayMsMax), stopping.signal);
      }
    }
  }

  /** Rejects when the connection ends. */
  async function listen(): Promise<void> {
    const client = new Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: seconds(5),
      ...probing,
    });
    const close = () => void client.end().catch(() => undefined);
    stopping.signal.addEventListener('abort', close, { once: true });
    const ended = new Promise<never>((_, reject) => {
      client.on('error', reject);
      client.on('end', () => reject(new Error('the connection has ended')));
    });
    ended.catch(() => undefined); // reported once it is awaited
    client.on('notification', ({ payload = '' }) => commits.wake(new Set([payload])));
    try {
      await Promise.race([client.connect().then(() => client.query(`LISTEN ${hintChannel}`)), ended]);
      failures = 0;
      retries.recovered('hints of other processes are received again');
      commits.wakeAll();
      await ended;
    } finally {
      stopping.signal.removeEventListener('abort', close);
      await Promise.race([client.end().catch(() => undefined), pause(clock, closeMsMax)]);
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
