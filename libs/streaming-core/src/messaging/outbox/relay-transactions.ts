import {
  ClientError,
  connectAdmin,
  connectGroupConsumer,
  connectLagReader,
  connectTransactionalProducer,
  type Admin,
  type ConnectionOptions,
  type GroupConsumer,
  type LagReader,
  type ProducerRecord,
  type TransactionalProducer,
  type TransactionalProducerOptions,
  type TopicPartition,
} from '../../client/index.ts';
import type { TopicDeclaration } from '../../contract/index.ts';
import { seconds, systemClock, type Clock, type DurationMs } from '../../runtime/index.ts';
import { noteOf, type PublishedMark, readMark } from './published-marks.ts';

export interface RelayTransactionsOptions extends ConnectionOptions {
  /** The transactional id of every process that relays this outbox, and of no other program. */
  readonly transactionalId: string;
  /** The topic of the cursor: one partition, compacted. It is created if it does not exist. */
  readonly cursorTopic: string;
  /**
   * How long a transaction may stay open. After a crash, readers with `read_committed` wait for its
   * end, or for the next relay, which aborts it.
   */
  readonly transactionTimeoutMs?: DurationMs;
  readonly deliveryTimeoutMs?: DurationMs;
  readonly closeTimeoutMs?: DurationMs;
  /**
   * How long to wait for an open transaction of a foreign producer in the cursor's topic before the
   * relay reports it and tries again.
   */
  readonly readTimeoutMs?: DurationMs;
}

/** A producer that has fenced all earlier ones, and the cursor that they have committed. */
export interface TakenOver {
  readonly producer: TransactionalProducer;
  readonly cursor: PublishedMark | undefined;
}

/** The transactions of a relay with exactly-once delivery, and its cursor on the log. */
export interface RelayTransactions {
  /** Takes over the transactional id with a new producer, and only then reads the cursor. */
  takeOver(): Promise<TakenOver>;
  /** Encodes a cursor, for the transaction that publishes the rows up to it. */
  recordOf(cursor: PublishedMark): ProducerRecord;
  close(): Promise<void>;
}

/** Returns at once, and connects when the relay needs it. */
export function connectRelayTransactions(options: RelayTransactionsOptions): RelayTransactions {
  return new CursorTransactions(options);
}

/** The key of the cursor's record, so that compaction keeps the last one. */
const cursorKey = 'cursor';
const partition = 0;

class CursorTransactions implements RelayTransactions {
  readonly #cursorTopic: string;
  readonly #readTimeoutMs: DurationMs;
  readonly #sending: TransactionalProducerOptions;
  readonly #clock: Clock;
  readonly #admin: Admin;
  readonly #ends: LagReader;
  readonly #reader: GroupConsumer;
  #producer: TransactionalProducer | undefined;
  #closed = false;

  constructor(options: RelayTransactionsOptions) {
    this.#cursorTopic = options.cursorTopic;
    this.#clock = options.clock ?? systemClock;
    const {
      transactionalId,
      cursorTopic,
      transactionTimeoutMs,
      deliveryTimeoutMs,
      closeTimeoutMs,
      readTimeoutMs,
      ...connection
    } = options;
    this.#admin = connectAdmin({ ...connection, replicationFactor: clusterDefault });
    this.#ends = connectLagReader(connection);
    this.#sending = {
      ...connection,
      transactionalId,
      transactionTimeoutMs,
      deliveryTimeoutMs,
      closeTimeoutMs,
    };
    this.#readTimeoutMs = readTimeoutMs ?? seconds(10);
    this.#reader = connectGroupConsumer({
      ...connection,
      closeTimeoutMs,
      groupId: transactionalId, // nobody joins it
      topics: [cursorTopic],
      isolation: 'read_committed',
      fetchMaxWaitMs: 100,
    });
  }

  async takeOver(): Promise<TakenOver> {
    await this.#producer?.close();
    const topic = this.#cursorTopic;
    await this.#admin.createTopics([declarationOf(topic)]);
    const producer = this.#connectProducer();
    await producer.open();
    const cursor = await lastCommittedCursor({
      at: { topic, partition },
      ends: this.#ends,
      reader: this.#reader,
      clock: this.#clock,
      timeoutMs: this.#readTimeoutMs,
    });
    return { producer, cursor };
  }

  recordOf(cursor: PublishedMark): ProducerRecord {
    return { topic: this.#cursorTopic, partition, key: cursorKey, value: noteOf(cursor) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([
      this.#producer?.close(),
      this.#admin.close(),
      this.#ends.close(),
      this.#reader.close(),
    ]);
  }

  #connectProducer(): TransactionalProducer {
    if (this.#closed) throw new ClientError('closed', 'the transactions of the relay are closed');
    this.#producer = connectTransactionalProducer(this.#sending);
    return this.#producer;
  }
}

/** Stands for the number of replicas that the cluster gives new topics by default (KIP-464). */
const clusterDefault = -1;

const declarationOf = (name: string): TopicDeclaration => ({
  name,
  key: cursorKey,
  partitions: 1,
  retention: 'unlimited',
  cleanup: 'compact',
});

interface CursorReading {
  readonly at: TopicPartition;
  /** Answers with ends that include open transactions. */
  readonly ends: Pick<LagReader, 'identify' | 'beginningOffsets' | 'endOffsets'>;
  /** Reads with `read_committed`. */
  readonly reader: Pick<GroupConsumer, 'identify' | 'fetch'>;
  readonly clock: Clock;
  readonly timeoutMs: DurationMs;
}

/** The number of offsets to read at first. Compaction may not have run for a long time. */
const firstWindow = 1_000n;
const windowGrowth = 10n;

/**
 * Reads the last committed cursor in the partition. The caller has fenced its earlier producers, so
 * none of them commits another one.
 *
 * The end counts open transactions. The last stable offset would not do: with a foreign transaction
 * open in the partition, it lies before the cursor's records that have been committed since.
 */
export async function lastCommittedCursor(reading: CursorReading): Promise<PublishedMark | undefined> {
  const { at, ends, reader, clock, timeoutMs } = reading;
  const deadline = clock.monotonic() + timeoutMs;
  await Promise.all([ends.identify([at.topic]), reader.identify([at.topic])]);
  const [begin] = await ends.beginningOffsets([at]);
  const [end] = await ends.endOffsets([at]);
  if (begin === undefined || end === undefined) return undefined;
  for (let window = firstWindow; ; window *= windowGrowth) {
    const from = end.offset - window > begin.offset ? end.offset - window : begin.offset;
    const cursor = await lastBetween(reading, from, end.offset, deadline);
    if (cursor !== undefined || from === begin.offset) return cursor;
  }
}

async function lastBetween(
  { at, reader, clock, timeoutMs }: CursorReading,
  from: bigint,
  end: bigint,
  deadline: number,
): Promise<PublishedMark | undefined> {
  let last: PublishedMark | undefined;
  for (let offset = from; offset < end;) {
    const [fetched] = await reader.fetch([{ ...at, offset }]);
    if (fetched?.error) throw fetched.error;
    for (const { value } of fetched?.records ?? [])
      last = readMark(value === null ? null : value.toString()) ?? last;
    if (fetched === undefined || (fetched.nextOffset === offset && clock.monotonic() >= deadline))
      throw new ClientError(
        'timeout',
        `the relay's cursor in ${at.topic} cannot be read to its end: a foreign transaction is open ` +
          `at offset ${offset} for longer than ${timeoutMs} ms; end it with kafka-transactions.sh abort`,
      );
    offset = fetched.nextOffset;
  }
  return last;
}
