import { withDeadline } from '../../runtime/index.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import type {
  BatchingProducer,
  DeliveryCallback,
  ProducerRecord,
  RecordMetadata,
  SendOptions,
} from '../producer-types.ts';
import { Deliveries } from './deliveries.ts';
import { PendingSend } from './pending-send.ts';
import { ProducerIds } from './producer-ids.ts';
import { producerSettings, type ProducerOptions, type ProducerSettings } from './producer-settings.ts';
import type { EncodedRecord } from './record-encoding.ts';
import { reportPost, reportSend, type ReportingClient } from '../operation-reports.ts';

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
 *
 * @example
 * ```ts
 * import { connectProducer } from '@millrace/streaming-core/client';
 *
 * await using producer = connectProducer({ bootstrapServers: ['127.0.0.1:9092'], clientId: 'desk' });
 * const [written] = await producer.send([{ topic: 'bells', key: 'room-1', value: '{"rung":true}' }]);
 * process.stdout.write(`offset ${written?.offset} of partition ${written?.partition}\n`);
 * ```
 */
export function connectProducer(options: ProducerOptions): BatchingProducer {
  const settings = producerSettings(options);
  return reportingProducer(settings, new BufferedProducer(settings));
}

class BufferedProducer implements BatchingProducer {
  readonly #settings: ProducerSettings;
  readonly #brokers: BrokerClient;
  readonly #deliveries: Deliveries;
  #undelivered = 0;
  #accepting = true;

  constructor(settings: ProducerSettings) {
    this.#settings = settings;
    this.#brokers = new BrokerClient(settings);
    this.#deliveries = new Deliveries(settings, this.#brokers, new ProducerIds(this.#brokers));
  }

  get undelivered(): number {
    return this.#undelivered;
  }

  async send(records: readonly ProducerRecord[], options?: SendOptions): Promise<readonly RecordMetadata[]> {
    const signal = options?.signal;
    if (!this.#accepting) throw closed();
    if (signal?.aborted) throw aborted(signal, records.length, 0);
    const now = this.#settings.clock.now();
    const encoded = records.map((record, index) => this.#deliveries.encode(record, index, now));
    if (encoded.length === 0) return [];
    const send = new PendingSend(encoded.length);
    const abort = () => this.#abort(send, signal!);
    this.#deliveries.submit(encoded, send);
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
    const encoded: EncodedRecord[] = [];
    // The callback is never called before `post` has returned.
    const fail = (error: unknown, indexes: readonly number[]) =>
      queueMicrotask(() => {
        send.failed(indexes, toClientError(error, 'sending records'));
      });
    records.forEach((record, index) => {
      try {
        if (!this.#accepting) throw closed();
        encoded.push(this.#deliveries.encode(record, index, now));
      } catch (error) {
        fail(error, [index]);
      }
    });
    if (encoded.length === 0) return;
    try {
      this.#deliveries.submit(encoded, send);
    } catch (error) {
      fail(
        error,
        encoded.map(({ index }) => index),
      );
    }
  }

  flush(): Promise<void> {
    return this.#deliveries.flush();
  }

  async close(): Promise<void> {
    this.#accepting = false;
    const { clock, closeTimeoutMs, logger } = this.#settings;
    const late = () => {
      const waiting = this.#deliveries.records;
      return new ClientError('timeout', `${waiting} records were still queued after ${closeTimeoutMs} ms`);
    };
    await withDeadline(clock, closeTimeoutMs, this.flush(), late).catch((error: unknown) =>
      logger.warn({ error }, 'the producer was closed before all records were sent'),
    );
    this.#brokers.close();
    this.#deliveries.close(closed());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #abort(send: PendingSend, signal: AbortSignal): void {
    const waiting = send.left;
    const withdrawn = this.#deliveries.withdraw(send);
    send.fail(aborted(signal, withdrawn, waiting - withdrawn));
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

/** Returns the producer with a report of each call on `tracing:millrace.client.send`. */
const reportingProducer = (client: ReportingClient, producer: BatchingProducer): BatchingProducer => ({
  send: (records, options) => reportSend(client, records, (sent) => producer.send(sent, options)),
  post: (records, onDelivered) =>
    reportPost(client, records, onDelivered, (sent, callback) => producer.post(sent, callback)),
  get undelivered() {
    return producer.undelivered;
  },
  flush: () => producer.flush(),
  close: () => producer.close(),
  [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
});
