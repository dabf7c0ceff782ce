import {
  connectConsumer,
  connectLagReader,
  type ConsumedBatch,
  type Consumer,
  type ConsumerOptions,
  type FetchedRecord,
  type LagReader,
} from '@millrace/streaming-core/client';
import { openBatch, refuseOutside, takeOffset, type OffsetRow } from '@millrace/streaming-core/consumer';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import {
  hours,
  minutes,
  pause,
  RetryLog,
  seconds,
  type Clock,
  type DurationMs,
  type Logger,
} from '@millrace/streaming-core/runtime';
import { logTopic } from '../log-line.ts';
import { keepDays, placedLine, writeLines } from './line-table.ts';

/** The consumer group of the indexer. */
export const indexGroup = 'log-indexer';

const retryMsMin = 1_000;
const retryMsMax = 10_000;
const linesPerWriteMax = 5_000;
const linesPerWriteMin = 100;

export interface IndexerOptions extends Pick<ConsumerOptions, 'bootstrapServers' | 'security'> {
  /** A name that the process keeps, with which it gets its partitions back at once after a restart. */
  readonly instance: string | undefined;
  readonly database: SqlDatabase;
  readonly retentionMs: DurationMs;
  /** Holds the indexer to so many lines per second. 0 is no limit. */
  readonly linesPerSecondMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Indexer {
  start(): void;
  /** Finishes the write in hand. */
  stop(): Promise<void>;
  /** How far the group is behind. */
  readonly lag: Pick<LagReader, 'ofGroup'>;
  /** The reason why it does not write at the moment. */
  readonly failure: Error | undefined;
}

/** Compressed bytes of a fetch. Similar lines may take thirty times as many in memory. */
const fetchLimits = {
  fetchMaxBytes: 256 * 1024,
  fetchMaxBytesPerPartition: 64 * 1024,
  maxBufferedBytes: 16 * 1024 * 1024,
};

/** A partition that this process owns, and the offset that it writes next. */
interface Held {
  readonly row: OffsetRow;
  next: bigint;
}

/**
 * Writes the lines of the topic into the database, each exactly once: the offset moves in the transaction
 * of its lines, and only for the process that took the partition last. After any failure the process
 * joins the group again, and continues at the offset that the database has. Meanwhile the lines
 * wait in the topic, and their programs notice nothing.
 */
export function createIndexer(options: IndexerOptions): Indexer {
  const { database, instance, retentionMs, linesPerSecondMax, clock, logger } = options;
  const { bootstrapServers, security } = options;
  const stopping = new AbortController();
  const retries = new RetryLog({ clock, logger });
  const connection = { bootstrapServers, security, clientId: `millrace-${indexGroup}`, logger };
  const reader = connectLagReader(connection);
  const linesAtOnce = linesPerSecondMax === 0 ? Infinity : Math.ceil(linesPerSecondMax / 4);
  let linesPerWrite = Math.min(linesPerWriteMax, linesAtOnce);
  let running: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  let failures = 0;
  let keepDaysAt = 0;
  let freeAt = 0;

  async function take({ topic, partition }: ConsumedBatch): Promise<Held> {
    const identity = (await reader.identify([topic])).get(topic);
    if (identity === undefined) throw new Error(`the topic ${topic} is gone`);
    const { row, nextOffset } = await takeOffset(database, indexGroup, { topic, partition }, identity, 0n);
    const [end] = await reader.endOffsets([{ topic, partition }]);
    refuseOutside(row, nextOffset, 0n, end!.offset); // what the topic has deleted unread is skipped instead
    return { row, next: nextOffset };
  }

  async function write(held: Held, records: readonly FetchedRecord[], next: bigint): Promise<void> {
    const now = clock.now();
    const lines = records.map((record) => placedLine(record, now));
    await database.transaction(async (transaction) => {
      const opened = openBatch(transaction, [{ row: held.row, from: held.next, to: next }], []);
      await Promise.all([opened, writeLines(transaction, held.row.partition, lines)]);
    });
    held.next = next;
    linesPerWrite = Math.min(linesPerWrite * 2, linesPerWriteMax, linesAtOnce);
    failures = 0;
    failure = undefined;
    retries.recovered('lines are indexed again');
  }

  /** Writes a batch in several transactions, so that none takes long, unless the process stops. */
  async function writeAll(held: Held, { records, nextOffset }: ConsumedBatch): Promise<void> {
    for (let start = 0; start < records.length && !stopping.signal.aborted;) {
      const some = records.slice(start, start + linesPerWrite);
      start += some.length;
      await write(held, some, records[start]?.offset ?? nextOffset);
      await holdBack(some.length);
      await keepDaysIfDue();
    }
  }

  async function holdBack(written: number): Promise<void> {
    if (linesPerSecondMax === 0) return;
    freeAt = Math.max(freeAt, clock.monotonic() - seconds(1)) + seconds(written / linesPerSecondMax);
    await pause(clock, freeAt - clock.monotonic(), stopping.signal);
  }

  async function keepDaysIfDue(): Promise<void> {
    if (clock.monotonic() < keepDaysAt) return;
    try {
      await keepDays(database, retentionMs);
      keepDaysAt = clock.monotonic() + hours(1);
    } catch (error) {
      keepDaysAt = clock.monotonic() + minutes(1);
      logger.warn(
        { err: error },
        'the partitions of log_line cannot be made or dropped now; trying again in a minute',
      );
    }
  }

  async function follow(): Promise<void> {
    const held = new Map<number, Held>();
    await using consumer = connectConsumer({
      ...connection,
      groupId: indexGroup,
      groupInstanceId: instance,
      topics: [logTopic],
      autoOffsetReset: 'earliest',
      autoCommit: { intervalMs: seconds(1) }, // for lag tools; the database has the offsets that count
      sessionTimeoutMs: seconds(10), // how long lines wait for a process that was killed
      fetchMaxWaitMs: 100,
      ...fetchLimits,
      signal: stopping.signal,
      onRevoked: (revoked) => revoked.forEach(({ partition }) => held.delete(partition)),
    });
    await keepDaysIfDue();
    for await (const batch of consumer.batches()) {
      const known = held.get(batch.partition);
      const own = known ?? (await take(batch));
      held.set(batch.partition, own);
      if (known === undefined && isElsewhere(batch, own)) seek(consumer, own);
      else await writeAll(own, checked(batch, own));
      if (stopping.signal.aborted) return; // what is left of the batch does not count as finished
    }
  }

  /** Says which lines were deleted unread, and throws if the position has gone back. */
  function checked(batch: ConsumedBatch, { row, next }: Held): ConsumedBatch {
    const { offset } = batch.records[0]!;
    if (offset < next)
      throw new Error(`${row.topic}-${row.partition} begins anew at ${offset}, before ${next}`);
    if (offset > next)
      logger.warn(
        { partition: row.partition, offsets: Number(offset - next) },
        'lines were deleted from the topic before they were indexed: its retention is over',
      );
    return batch;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted)
      try {
        await follow();
      } catch (error) {
        if (stopping.signal.aborted) return;
        failure = error as Error;
        retries.failed(error, 'lines cannot be indexed; they wait in their topic');
        await pause(clock, Math.min(retryMsMin * 2 ** failures, retryMsMax), stopping.signal);
        failures += 1;
        linesPerWrite = Math.max(linesPerWriteMin, Math.floor(linesPerWrite / 2)); // it may have taken too long
      }
  }

  return {
    lag: reader,
    start() {
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
      await reader.close();
    },
    get failure() {
      return failure;
    },
  };
}

const isElsewhere = ({ records }: ConsumedBatch, { next }: Held): boolean => records[0]!.offset !== next;

const seek = (consumer: Consumer, { row: { topic, partition }, next }: Held): void =>
  consumer.seek({ topic, partition, offset: next });
