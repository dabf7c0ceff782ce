import type { DurationMs } from '../../runtime/index.ts';
import type { CompressionCodec } from '../../records/record-batch.ts';
import { initProducerId } from '../../protocol/apis/init-producer-id.ts';
import { BatchWriter, type WritingSettings } from './batch-writer.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { ClientError } from '../client-error.ts';
import { connectionSettings, type ConnectionOptions } from '../connection/connection-settings.ts';
import { partitionCounts } from './partition-counts.ts';
import { stickyPartitioner, type Partitioner } from './partitioners.ts';
import { ProducerSequences } from './producer-sequences.ts';
import { encodeRecord } from './record-encoding.ts';
import { placeRecords, splitIntoRequests, type PlacedRecord } from './record-placement.ts';
import { SendRounds, type RoundLimits, type WaitingSend } from './send-rounds.ts';
import type { SendQueueLimits } from './send-limits.ts';
import { stayAlive } from '../stay-alive.ts';
import { reportResults } from '../traffic-reports.ts';
import type { Producer, ProducerRecord, RecordMetadata } from '../types.ts';
import type { WriteResult } from './unwritten-batch.ts';
import { accept } from '../connection/accept.ts';

export interface ProducerOptions extends ConnectionOptions, Partial<SendQueueLimits> {
  /**
   * The size limit of a record, including its overhead in a batch. The broker limits a batch to
   * about 1 MiB.
   */
  readonly recordBytesMax?: number;
  readonly requestBytesMax?: number;
  readonly requestRecordsMax?: number;
  /**
   * How long a `send` is retried, once its turn has come, before it fails as indeterminate. Callers
   * do not notice shorter outages.
   */
  readonly deliveryTimeoutMs?: DurationMs;
  /**
   * How long a topic may be unknown before a send to it is rejected. Metadata lags a little behind
   * the creation of a topic.
   */
  readonly unknownTopicTimeoutMs?: DurationMs;
  readonly closeTimeoutMs?: DurationMs;
  /** Chooses the partitions of records that name none. The default is the sticky partitioner. */
  readonly partitioner?: Partitioner;
  /**
   * The compression of each batch. There is none by default. The limits apply to uncompressed data.
   */
  readonly compression?: CompressionCodec;
}

interface ProducerSettings extends WritingSettings, RoundLimits {
  readonly recordBytesMax: number;
  readonly deliveryTimeoutMs: DurationMs;
  readonly closeTimeoutMs: DurationMs;
  readonly partitioner: Partitioner;
}

export const sendingDefaults = {
  recordBytesMax: 1_000_000,
  requestBytesMax: 1_000_000,
  requestRecordsMax: 10_000,
  queueRecordsMax: 100_000,
  queueBytesMax: 64 * 1024 * 1024,
  deliveryTimeoutMs: 60_000,
  unknownTopicTimeoutMs: 5_000,
  closeTimeoutMs: 10_000,
  compression: 'none',
} as const;

/**
 * Creates an idempotent producer that connects at its first `send` and recovers from failures by
 * itself. Its `send` rejects with
 *
 * - `record_invalid`, `record_too_large`, `queue_full` or `unknown_topic` before anything is sent;
 * - `topic_recreated` if a partition no longer exists because its topic was recreated. The next
 *   `send` uses the current partitions;
 * - any other code if the records may or may not be on the log. Later records are sent with a
 *   raised epoch, so the broker rejects requests that are still in flight.
 */
export function connectProducer(options: ProducerOptions): Producer {
  return new IdempotentProducer({
    ...sendingDefaults,
    partitioner: stickyPartitioner(),
    ...connectionSettings(options),
  });
}

class IdempotentProducer implements Producer {
  readonly #settings: ProducerSettings;
  readonly #brokers: BrokerClient;
  readonly #batches: BatchWriter;
  readonly #rounds: SendRounds;
  readonly #knownTopics = new Set<string>();
  #sequences: ProducerSequences | undefined;
  #accepting = true;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
    this.#brokers = new BrokerClient(settings);
    this.#batches = new BatchWriter(settings, this.#brokers);
    this.#rounds = new SendRounds(settings, {
      deliver: (sends) => this.#deliver(sends),
      joins: ({ records }) => records.every(({ topic }) => this.#knownTopics.has(topic)),
    });
  }

  async send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]> {
    if (!this.#accepting) throw new ClientError('closed', 'the producer is closed');
    const { clock, recordBytesMax } = this.#settings;
    const now = clock.now();
    const encoded = records.map((record, index) => encodeRecord(record, index, now, recordBytesMax));
    return encoded.length === 0 ? [] : stayAlive(this.#rounds.add(encoded));
  }

  async close(): Promise<void> {
    this.#accepting = false;
    const { clock, closeTimeoutMs, logger } = this.#settings;
    await this.#rounds
      .drain(clock, closeTimeoutMs)
      .catch((error: unknown) =>
        logger.warn({ error }, 'the producer was closed before all records were sent'),
      );
    this.#brokers.close();
  }

  /** Settles every given send. An unknown topic fails only its own send. */
  async #deliver(sends: readonly WaitingSend[]): Promise<void> {
    const { clock, deliveryTimeoutMs } = this.#settings;
    const deadline = clock.monotonic() + deliveryTimeoutMs;
    try {
      const counts = await this.#countPartitions(sends, deadline);
      await this.#write(this.#place(sends, counts), deadline);
    } catch (error) {
      const alone = error instanceof ClientError && error.code === 'unknown_topic' && sends.length > 1;
      if (!alone) for (const send of sends) send.reject(error);
      else for (const send of sends) await this.#deliver([send]);
    }
  }

  async #countPartitions(
    sends: readonly WaitingSend[],
    deadline: number,
  ): Promise<ReadonlyMap<string, number>> {
    const topics = [...new Set(sends.flatMap(({ records }) => records.map(({ topic }) => topic)))];
    try {
      const counts = await partitionCounts(this.#brokers, topics, { ...this.#settings, deadline });
      for (const topic of topics) this.#knownTopics.add(topic);
      return counts;
    } catch (error) {
      for (const topic of topics) this.#knownTopics.delete(topic);
      throw error;
    }
  }

  #place(
    sends: readonly WaitingSend[],
    counts: ReadonlyMap<string, number>,
  ): ReadonlyMap<WaitingSend, readonly PlacedRecord[]> {
    const placed = new Map<WaitingSend, readonly PlacedRecord[]>();
    for (const send of sends)
      try {
        placed.set(send, placeRecords(send.records, counts, this.#settings.partitioner));
      } catch (error) {
        send.reject(error);
      }
    return placed;
  }

  /**
   * Writes the records of a round. Several sends always fit into one request. A single send may
   * need more, and sends no further request after one that failed.
   */
  async #write(placed: ReadonlyMap<WaitingSend, readonly PlacedRecord[]>, deadline: number): Promise<void> {
    const results: WriteResult[] = [];
    for (const records of splitIntoRequests([...placed.values()].flat(), this.#settings)) {
      results.push(...(await this.#writeRequest(records, deadline)));
      if (placed.size === 1 && results.some((result) => result instanceof ClientError)) break;
    }
    let from = 0;
    for (const [send, { length }] of placed) {
      settle(send, results.slice(from, from + length));
      from += length;
    }
  }

  async #writeRequest(records: readonly PlacedRecord[], deadline: number): Promise<readonly WriteResult[]> {
    const { clientId, clock } = this.#settings;
    const startedAt = clock.monotonic();
    const sequences = await this.#identified(deadline);
    const results = await this.#batches.write(records, { sequences, deadline });
    reportResults(records, results, { clientId, durationMs: clock.monotonic() - startedAt });
    return results;
  }

  async #identified(deadline: number): Promise<ProducerSequences> {
    if (this.#sequences && !this.#sequences.usedUp) return this.#sequences;
    const identity = await this.#brokers.persistently('asking for a producer id', deadline, async () => {
      const connection = await this.#brokers.anyConnection();
      const version = connection.versions.newest(initProducerId);
      const answer = await connection.request(initProducerId, version, {
        transactionalId: null,
        transactionTimeoutMs: 0,
      });
      accept(answer.errorCode);
      return answer;
    });
    this.#sequences = new ProducerSequences({
      producerId: identity.producerId ?? -1n,
      producerEpoch: identity.producerEpoch,
    });
    return this.#sequences;
  }
}

function settle(send: WaitingSend, results: readonly WriteResult[]): void {
  const failure = results.find((result) => result instanceof ClientError);
  if (failure) send.reject(failure);
  else send.resolve(results as readonly RecordMetadata[]);
}
