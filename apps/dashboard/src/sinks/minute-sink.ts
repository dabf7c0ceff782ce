import { connectConsumer, type ConsumedBatch, type ConsumerOptions } from '@millrace/streaming-core/client';
import {
  days,
  hours,
  pause,
  RetryLog,
  seconds,
  type Clock,
  type Logger,
} from '@millrace/streaming-core/runtime';
import type { z } from 'zod';
import { lateViews, pageViewMinute, type LateViews, type PageViewMinute } from '../domain/page-view.ts';
import { topics } from '../topology.ts';

/** A place for figures. Writing them again, or earlier ones after later ones, changes nothing. */
export interface MinuteStore {
  /** If a minute and page occur twice, the last record counts. */
  keep(minutes: readonly PageViewMinute[]): Promise<void>;
  keepLate(late: readonly LateViews[]): Promise<void>;
  /** Absent if the store deletes old minutes by itself. */
  forgetBefore?(timeMs: number): Promise<void>;
  /** Fails the writes in flight and all later ones. */
  close?(): Promise<void>;
}

/** How long a minute stays in a store that does not delete old minutes by itself. */
const keptMs = days(31);
const retryMs = 1_000;

export interface SinkOptions extends Pick<ConsumerOptions, 'bootstrapServers' | 'security'> {
  readonly groupId: string;
  readonly store: MinuteStore;
  /** The name of the store in the log. */
  readonly storeName: string;
  /** Called after each write. */
  readonly onWritten: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface MinuteSink {
  start(): void;
  /** Finishes the batch in hand. */
  stop(): Promise<void>;
  /** The reason why it has ended by itself. */
  readonly failure: Error | undefined;
}

/**
 * Writes what the topology has counted into a store. A batch that cannot be written is tried
 * again until it can; meanwhile the records wait in their topics. What was written but not yet
 * committed to the group is written again after a crash, which changes nothing.
 */
export function createMinuteSink(options: SinkOptions): MinuteSink {
  const { groupId, store, storeName, onWritten, clock, logger, ...brokers } = options;
  const stopping = new AbortController();
  const retries = new RetryLog({ clock, logger });
  let running: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  let forgetAt = 0;

  async function write({ topic, records }: ConsumedBatch): Promise<void> {
    const values = records.map(({ value }) => value?.toString() ?? '');
    if (topic === topics.late) await store.keepLate(values.flatMap(readerOf(lateViews, topic)));
    else await store.keep(values.flatMap(readerOf(pageViewMinute, topic)));
    onWritten();
    if (clock.now() < forgetAt) return;
    await store.forgetBefore?.(clock.now() - keptMs);
    forgetAt = clock.now() + hours(1);
  }

  /** Leaves out records that another program has written to the topic by mistake. */
  const readerOf =
    <Value>(schema: z.ZodType<Value>, topic: string) =>
    (text: string): readonly Value[] => {
      const { data, error } = schema.safeParse(parsed(text));
      if (error !== undefined)
        logger.warn({ topic, reason: error.message }, 'a record without valid figures was skipped');
      return data === undefined ? [] : [data];
    };

  async function writeUntilDone(batch: ConsumedBatch): Promise<void> {
    for (;;)
      try {
        await write(batch);
        return retries.recovered(`page views are written to ${storeName} again`);
      } catch (error) {
        if (stopping.signal.aborted) throw error;
        retries.failed(error, `page views cannot be written to ${storeName}; they wait in their topic`);
        await pause(clock, retryMs, stopping.signal);
      }
  }

  async function follow(): Promise<void> {
    await using consumer = connectConsumer({
      ...brokers,
      clientId: `millrace-${groupId}`,
      groupId,
      topics: [topics.minutes, topics.late],
      autoOffsetReset: 'earliest',
      autoCommit: { intervalMs: seconds(1) },
      isolation: 'read_committed',
      sessionTimeoutMs: seconds(10), // how long figures wait for a process that was killed
      fetchMaxWaitMs: 100, // how long a partition may wait for one of the few polls
      logger,
      signal: stopping.signal,
    });
    for await (const batch of consumer.batches()) await writeUntilDone(batch);
  }

  return {
    start() {
      running = follow().catch((error: Error) => {
        if (stopping.signal.aborted) return;
        failure = error;
        logger.error({ err: error }, `page views are no longer written to ${storeName}: restart the process`);
      });
    },
    async stop() {
      stopping.abort();
      await store.close?.();
      await running;
    },
    get failure() {
      return failure;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what is wrong
  }
}
