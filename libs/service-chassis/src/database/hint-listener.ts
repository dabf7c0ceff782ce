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
import type { Component } from '../ground/lifecycle/lifecycle.ts';
import type { Commits } from './commits.ts';
import { probing } from './data-source.ts';
import { hintChannel } from './hint-sender.ts';

export interface HintListenerOptions {
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
