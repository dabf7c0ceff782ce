import { ProduceAcks, Producer as LibraryProducer, type Base } from '@platformatic/kafka';
import { type DurationMs, withDeadline } from '../contract/index.ts';
import { backoffDelay } from './backoff.ts';
import { isUnanswered } from './bootstrap-order.ts';
import { ClientError, toClientError } from './client-error.ts';
import {
  closeQuietly,
  connectionSettings,
  guardEvents,
  libraryOptions,
  type ConnectionOptions,
  type ConnectionSettings,
} from './connection.ts';
import { partitionCounts } from './partition-counts.ts';
import { stickyPartitioner, type Partitioner } from './partitioners.ts';
import { toMessage, toMetadata } from './produce-message.ts';
import { encodeRecord, type EncodedRecord } from './record-encoding.ts';
import { placeRecords, splitIntoRequests, type PlacedRecord } from './record-placement.ts';
import { SendQueue, type SendQueueLimits } from './send-queue.ts';
import { stayAlive } from './stay-alive.ts';
import { reportSent } from './traffic-reports.ts';
import type { Producer, ProducerRecord, RecordMetadata } from './types.ts';

export interface ProducerOptions extends ConnectionOptions, Partial<SendQueueLimits> {
  /** Key, value and headers together. The broker's own limit is about 1 MiB for a batch. */
  readonly recordBytesMax?: number;
  readonly requestBytesMax?: number;
  readonly requestRecordsMax?: number;
  /** From the moment a `send` is its turn until it is given up as indeterminate. Outages below it go unnoticed. */
  readonly deliveryTimeoutMs?: DurationMs;
  /** How long a topic may be unknown before a send to it is refused: metadata lags a little behind creation. */
  readonly unknownTopicTimeoutMs?: DurationMs;
  readonly closeTimeoutMs?: DurationMs;
  /** For records that name no partition; the sticky one by default. */
  readonly partitioner?: Partitioner;
}

interface ProducerSettings extends ConnectionSettings, SendQueueLimits {
  readonly recordBytesMax: number;
  readonly requestBytesMax: number;
  readonly requestRecordsMax: number;
  readonly deliveryTimeoutMs: DurationMs;
  readonly unknownTopicTimeoutMs: DurationMs;
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
} as const;

/**
 * An idempotent producer that connects at its first `send` and heals by itself. Rejects with `record_invalid`, `record_too_large`, `queue_full`
 * and `unknown_topic` before anything is sent; with any other code the records may or may not be on the log, and the next `send` goes
 * out under a new producer id, since the old one's sequence is uncertain.
 */
export function connectProducer(options: ProducerOptions): Producer {
  return new SerialProducer({ ...sendingDefaults, partitioner: stickyPartitioner(), ...connectionSettings(options) });
}

class SerialProducer implements Producer {
  readonly #settings: ProducerSettings;
  readonly #queue: SendQueue;
  readonly #closing = new AbortController();
  #library: LibraryProducer | undefined;
  #accepting = true;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
    this.#queue = new SendQueue(settings);
  }

  async send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]> {
    if (!this.#accepting) throw closed();
    const { clock, recordBytesMax } = this.#settings;
    const now = clock.now();
    const encoded = records.map((record, index) => encodeRecord(record, index, now, recordBytesMax));
    if (encoded.length === 0) return [];
    const bytes = encoded.reduce((sum, record) => sum + record.sizeBytes, 0);
    return stayAlive(this.#queue.run({ records: encoded.length, bytes }, () => this.#deliver(encoded)));
  }

  async close(): Promise<void> {
    this.#accepting = false;
    const { clock, closeTimeoutMs, logger } = this.#settings;
    await this.#queue
      .drain(clock, closeTimeoutMs)
      .catch((error: unknown) => logger.warn({ error }, 'closing the producer with records unsent'));
    this.#closing.abort();
    await this.#discard();
  }

  async #deliver(records: readonly EncodedRecord[]): Promise<readonly RecordMetadata[]> {
    const deadline = this.#settings.clock.monotonic() + this.#settings.deliveryTimeoutMs;
    const topics = [...new Set(records.map((record) => record.topic))];
    const counts = await partitionCounts(() => this.#connected(), topics, { ...this.#settings, deadline, closing: this.#closing.signal });
    const placed = placeRecords(records, counts, this.#settings.partitioner);
    const written: RecordMetadata[] = [];
    for (const request of splitIntoRequests(placed, this.#settings)) written.push(...(await this.#sendRequest(request, deadline)));
    return written;
  }

  async #sendRequest(request: readonly PlacedRecord[], deadline: number): Promise<readonly RecordMetadata[]> {
    if (this.#closing.signal.aborted) throw closed();
    const { clientId, clock, deliveryTimeoutMs } = this.#settings;
    const late = () =>
      new ClientError(
        'timeout',
        `no acknowledgement within ${deliveryTimeoutMs} ms: the ${request.length} records may or may not be on the log`,
      );
    const startedAt = clock.monotonic();
    const report = (error?: ClientError) =>
      reportSent(request, { clientId, durationMs: clock.monotonic() - startedAt, error: error?.code });
    try {
      const sending = this.#connected().send({ messages: request.map(toMessage), acks: ProduceAcks.ALL });
      const { offsets } = await withDeadline(clock, deadline - clock.monotonic(), sending, late);
      const written = toMetadata(request, offsets ?? []);
      report();
      return written;
    } catch (cause) {
      const error = toClientError(cause, 'sending records');
      report(error);
      await this.#discard();
      throw error;
    }
  }

  #connected(): LibraryProducer {
    const settings = this.#settings;
    this.#library ??= guardEvents(
      new LibraryProducer({
        ...libraryOptions(settings),
        idempotent: true,
        // Unlimited inside a send: it repeats the same sequence numbers, so the broker drops what it already has. The deadline ends it.
        retries: Number.MAX_SAFE_INTEGER,
        retryDelay: (producer, _operation, attempt, _retries, error) => {
          // The library asks anew who leads, and the leader that hangs may be the one that it would ask.
          if (isUnanswered(error)) settings.bootstrapOrder.passOver(producer as Base);
          return backoffDelay(attempt, settings);
        },
      }),
      settings,
    );
    return this.#library;
  }

  async #discard(): Promise<void> {
    const library = this.#library;
    this.#library = undefined;
    if (library) await closeQuietly(library, () => library.close(true), this.#settings);
  }
}

function closed(): ClientError {
  return new ClientError('closed', 'the producer is closed');
}
