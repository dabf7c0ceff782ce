import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import type { TopicPartition } from '../types.ts';
import type { BatchOrigin } from './batch-encoding.ts';
import type { PendingSend } from './pending-send.ts';
import type { EncodedRecord } from './record-encoding.ts';

/** A record of a batch, and its place in the call that it came with. */
export interface BatchEntry {
  readonly record: EncodedRecord;
  readonly send: PendingSend;
  readonly index: number;
}

/** Records of one partition that are written together, from the first record to their outcome. */
export class ProducerBatch implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** The number of batches of the partition before this one. */
  readonly order: number;
  readonly createdAt: number;
  /** When to give up, on the monotonic clock. */
  readonly deadline: number;
  /** The bytes of the batch, once it is encoded. */
  bytes: Buffer | undefined;
  /** The sequence number with which the batch was sent or will be sent. */
  origin: BatchOrigin | undefined;
  /** True if the batch may be on the log: it was sent, and no answer has ruled that out. */
  uncertain = false;
  /** True once the batch has been renumbered because the broker had lost the producer's state. */
  restarted = false;
  /** True once no record can be added. */
  sealed = false;
  /** When the batch was first put in flight, on the monotonic clock. */
  takenAt: number | undefined;
  /** How often the batch has been put in flight. */
  attempts = 0;
  /** How often the batch has failed in a way that is worth a retry. */
  failures = 0;
  lastError: ClientError | undefined;
  /** The id that the topic had when the batch was first sent. */
  topicId: string | undefined;
  /** When the partition was first missing in metadata, on the monotonic clock. */
  missingSince: number | undefined;
  #entries: BatchEntry[] = [];
  #sizeBytes = 0;
  #waits = true;
  #uncertainBefore = false;

  constructor(
    { topic, partition }: TopicPartition,
    order: number,
    times: { readonly now: number; readonly deliveryTimeoutMs: DurationMs },
  ) {
    this.topic = topic;
    this.partition = partition;
    this.order = order;
    this.createdAt = times.now;
    this.deadline = times.now + times.deliveryTimeoutMs;
  }

  get entries(): readonly BatchEntry[] {
    return this.#entries;
  }

  get count(): number {
    return this.#entries.length;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** False once the batch has an outcome. */
  get waits(): boolean {
    return this.#waits;
  }

  add(entry: BatchEntry): void {
    this.#entries.push(entry);
    this.#sizeBytes += entry.record.sizeBytes;
  }

  /** Removes the records of a call from a batch that was never sent, and returns them. */
  withdraw(send: PendingSend): readonly BatchEntry[] {
    const withdrawn = this.#entries.filter((entry) => entry.send === send);
    this.#entries = this.#entries.filter((entry) => entry.send !== send);
    for (const { record } of withdrawn) this.#sizeBytes -= record.sizeBytes;
    return withdrawn;
  }

  /** Called when a request with the batch is about to be written. */
  sent(): void {
    this.#uncertainBefore = this.uncertain;
    this.uncertain = true;
  }

  /** Called with the answer to that request, and whether it leaves the outcome open. */
  answered(open: boolean): void {
    this.uncertain = this.#uncertainBefore || open;
  }

  /** Gives every record its result: the offset of the first one, or the error. */
  settle(outcome: bigint | ClientError): void {
    if (!this.#waits) return;
    this.#waits = false;
    const { topic, partition } = this;
    this.#entries.forEach(({ send, index }, position) =>
      send.settle(
        index,
        outcome instanceof ClientError
          ? outcome
          : { topic, partition, offset: outcome < 0n ? outcome : outcome + BigInt(position) },
      ),
    );
  }

  /** Returns the reason why the batch was given up, and whether its records may be on the log. */
  lost(reason: ClientError): ClientError {
    const fate = this.uncertain ? 'may or may not be on the log' : 'are not on the log';
    const message = `${reason.message}: ${this.count} records for ${this.topic}/${this.partition} ${fate}`;
    return new ClientError(reason.code, message, { cause: reason });
  }
}
