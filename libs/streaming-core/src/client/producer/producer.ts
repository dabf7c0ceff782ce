import { withDeadline } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../client-error.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { stayAlive } from '../stay-alive.ts';
import { SettledReports } from '../traffic-reports.ts';
import type {
  BatchingProducer,
  DeliveryCallback,
  ProducerRecord,
  RecordMetadata,
  SendOptions,
} from '../types.ts';
import { Intake, loadOf, type IndexedRecord } from './intake.ts';
import { PendingSend } from './pending-send.ts';
import type { ProducerBatch } from './producer-batch.ts';
import { producerSettings, type ProducerOptions, type ProducerSettings } from './producer-settings.ts';
import { encodeRecord, type EncodedRecord } from './record-encoding.ts';
import { Sender } from './sender.ts';

/**
 * Creates a producer that connects at its first call and recovers from failures by itself. It is
 * idempotent unless its options say otherwise: a batch that is repeated is written once and in
 * order. Its `send` rejects with
 *
 * - `record_invalid`, `record_too_large`, `queue_full` or `unknown_topic` before anything is sent;
 * - `topic_recreated` if a partition no longer exists because its topic was recreated. The next
 *   `send` uses the current partitions;
 * - any other code if the records may or may not be on the log. Later records are sent with a
 *   raised epoch, so the broker rejects requests that are still in flight.
 *
 * Throws `settings_refused` for options that contradict each other.
 */
export function connectProducer(options: ProducerOptions): BatchingProducer {
  return new BufferedProducer(producerSettings(options));
}

class BufferedProducer implements BatchingProducer {
  readonly #settings: ProducerSettings;
  readonly #brokers: BrokerClient;
  readonly #sender: Sender;
  readonly #intake: Intake;
  readonly #reports: SettledReports;
  readonly #pending = new Set<PendingSend>();
  #onIdle: () => void = () => undefined;
  #flushes = 0;
  #undelivered = 0;
  #accepting = true;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
    this.#brokers = new BrokerClient(settings);
    this.#reports = new SettledReports(settings.clientId);
    this.#sender = new Sender(settings, this.#brokers, {
      isUrgent: () => this.#flushes > 0 || this.#intake.buffer.isFull,
      onSealed: ({ topic, partition }) => settings.partitioner.onBatchSealed?.(topic, partition),
      onSettled: (batch, error) => this.#settled(batch, error),
      onWithdrawn: (entries) => this.#intake.buffer.release(loadOf(entries)),
    });
    this.#intake = new Intake(settings, this.#brokers, this.#sender);
  }

  get undelivered(): number {
    return this.#undelivered;
  }

  async send(
    records: readonly ProducerRecord[],
    { signal }: SendOptions = {},
  ): Promise<readonly RecordMetadata[]> {
    if (!this.#accepting) throw closed();
    if (signal?.aborted) throw aborted(signal, records.length, 0);
    const now = this.#settings.clock.now();
    const encoded = records.map((record, index) => ({ record: this.#encode(record, index, now), index }));
    if (encoded.length === 0) return [];
    const send = new PendingSend(encoded.length);
    const abort = () => this.#abort(send, signal!);
    this.#intake.submit(encoded, send);
    this.#track(send);
    signal?.addEventListener('abort', abort);
    await send.settled;
    signal?.removeEventListener('abort', abort);
    return send.outcome();
  }

  post(records: readonly ProducerRecord[], onDelivered?: DeliveryCallback): void {
    const send = new PendingSend(records.length, (index, result) =>
      this.#delivered(result, records[index]!, onDelivered),
    );
    const now = this.#settings.clock.now();
    const encoded: IndexedRecord[] = [];
    // The callback is never called before `post` has returned.
    const fail = (error: unknown, indexes: readonly number[]) =>
      queueMicrotask(() => {
        for (const index of indexes) send.settle(index, toClientError(error, 'sending records'));
      });
    records.forEach((record, index) => {
      try {
        if (!this.#accepting) throw closed();
        encoded.push({ record: this.#encode(record, index, now), index });
      } catch (error) {
        fail(error, [index]);
      }
    });
    if (encoded.length === 0) return;
    try {
      this.#intake.submit(encoded, send);
      this.#track(send);
    } catch (error) {
      fail(
        error,
        encoded.map(({ index }) => index),
      );
    }
  }

  async flush(): Promise<void> {
    this.#flushes += 1;
    this.#sender.wake();
    try {
      await Promise.all([...this.#pending].map(({ settled }) => settled));
    } finally {
      this.#flushes -= 1;
    }
  }

  async close(): Promise<void> {
    this.#accepting = false;
    const { clock, closeTimeoutMs, logger } = this.#settings;
    const late = () => {
      const waiting = this.#intake.buffer.records;
      return new ClientError('timeout', `${waiting} records were still queued after ${closeTimeoutMs} ms`);
    };
    await withDeadline(clock, closeTimeoutMs, this.flush(), late).catch((error: unknown) =>
      logger.warn({ error }, 'the producer was closed before all records were sent'),
    );
    this.#brokers.close();
    this.#sender.close(closed());
    this.#intake.buffer.close(closed());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #encode(record: ProducerRecord, index: number, now: number): EncodedRecord {
    return encodeRecord(record, index, now, this.#settings.recordBytesMax);
  }

  /** Keeps the process alive until the call has its results. */
  #track(send: PendingSend): void {
    if (this.#pending.size === 0) void stayAlive(new Promise<void>((resolve) => (this.#onIdle = resolve)));
    this.#pending.add(send);
    void send.settled.then(() => {
      this.#pending.delete(send);
      if (this.#pending.size === 0) this.#onIdle();
    });
  }

  #abort(send: PendingSend, signal: AbortSignal): void {
    const waiting = send.left;
    const withdrawn = send.isPlaced ? this.#sender.withdraw(send) : waiting;
    send.fail(aborted(signal, withdrawn, waiting - withdrawn));
  }

  #settled({ entries, takenAt, createdAt }: ProducerBatch, error: ClientError | undefined): void {
    this.#intake.buffer.release(loadOf(entries));
    this.#reports.add({
      records: entries.map(({ record }) => record),
      durationMs: this.#settings.clock.monotonic() - (takenAt ?? createdAt),
      error: error?.code,
    });
  }

  #delivered(
    result: RecordMetadata | ClientError,
    record: ProducerRecord,
    onDelivered: DeliveryCallback | undefined,
  ): void {
    const failed = result instanceof ClientError;
    if (failed) this.#undelivered += 1;
    try {
      if (failed) onDelivered?.(result, undefined, record);
      else onDelivered?.(undefined, result, record);
    } catch (error) {
      this.#settings.logger.error({ error }, 'the delivery callback of a record threw');
    }
  }
}

const closed = () => new ClientError('closed', 'the producer is closed');

function aborted(signal: AbortSignal, withdrawn: number, sent: number): ClientError {
  const message =
    sent === 0
      ? `the send was aborted: its ${withdrawn} records are not on the log`
      : `the send was aborted: ${sent} records may or may not be on the log, and ${withdrawn} are not`;
  return new ClientError('aborted', message, { cause: signal.reason });
}
