import type { ClientError } from '../errors/client-error.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import { beginWork, endWork } from '../stay-alive.ts';
import { SettledReports } from '../traffic-reports.ts';
import type { ProducerRecord } from '../producer-types.ts';
import { Intake } from './intake.ts';
import type { PendingSend } from './pending-send.ts';
import type { ProducerBatch } from './producer-batch.ts';
import type { ProducerSession } from './producer-ids.ts';
import type { ProducerSettings } from './producer-settings.ts';
import { encodeRecord, type EncodedRecord } from './record-encoding.ts';
import { Sender } from './sender.ts';

/** Delivers the records of a producer, with or without transactions, from call to result. */
export class Deliveries {
  readonly #settings: ProducerSettings;
  readonly #sender: Sender;
  readonly #intake: Intake;
  readonly #reports: SettledReports;
  readonly #pending = new Set<PendingSend>();
  /**
   * One function for all calls. V8 puts a function that is written at its assignment to a property
   * where only a full collection frees it, together with everything that it refers to.
   */
  readonly #forget = (send: PendingSend): void => {
    this.#pending.delete(send);
    endWork();
  };
  #flushes = 0;

  constructor(settings: ProducerSettings, brokers: BrokerClient, session: ProducerSession) {
    this.#settings = settings;
    this.#reports = new SettledReports(settings.clientId);
    this.#sender = new Sender(settings, brokers, session, {
      isUrgent: () => this.#flushes > 0 || this.#intake.buffer.isFull,
      onSealed: ({ topic, partition }) => settings.partitioner.onBatchSealed?.(topic, partition),
      onSettled: (batch, error) => this.#settled(batch, error),
      onWithdrawn: (load) => this.#intake.buffer.release(load),
    });
    this.#intake = new Intake(settings, brokers, this.#sender);
  }

  /** The number of records that have no result yet. */
  get records(): number {
    return this.#intake.buffer.records;
  }

  /** Throws `record_invalid` or `record_too_large` with the index of the record in its call. */
  encode(record: ProducerRecord, index: number, now: number): EncodedRecord {
    return encodeRecord(record, index, now, this.#settings.recordBytesMax);
  }

  /**
   * Takes the records of a call, and keeps the process alive until they have their results. Throws
   * `queue_full` if there is no room for them.
   */
  submit(records: readonly EncodedRecord[], send: PendingSend): void {
    this.#intake.submit(records, send);
    if (send.left === 0) return;
    beginWork();
    this.#pending.add(send);
    send.onSettled = this.#forget;
  }

  /** Removes the records of a call that were not sent yet, and returns their number. */
  withdraw(send: PendingSend): number {
    return send.isPlaced ? this.#sender.withdraw(send) : send.left;
  }

  /** Sends everything without lingering. Resolves once all earlier calls have their results. */
  async flush(): Promise<void> {
    this.#flushes += 1;
    this.#sender.wake();
    try {
      await Promise.all([...this.#pending].map(({ settled }) => settled));
    } finally {
      this.#flushes -= 1;
    }
  }

  /** Fails all records that were not sent yet. */
  discardUnsent(reason: ClientError): void {
    for (const send of this.#pending) if (!send.isPlaced) send.fail(reason);
    this.#sender.discardUnsent(reason);
  }

  /** Fails every record that has no result yet. */
  close(reason: ClientError): void {
    this.#sender.close(reason);
    this.#intake.buffer.close(reason);
  }

  #settled(batch: ProducerBatch, error: ClientError | undefined): void {
    this.#intake.buffer.release({ records: batch.count, bytes: batch.sizeBytes });
    if (!this.#reports.areWanted) return;
    const { topic, count, contentBytes, takenAt, createdAt } = batch;
    this.#reports.add({
      topic,
      records: count,
      bytes: contentBytes,
      durationMs: this.#settings.clock.monotonic() - (takenAt ?? createdAt),
      error: error?.code,
    });
  }
}
