import { batchHeaderBytes } from '../../records/record-batch.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../errors/client-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { PendingSend } from './pending-send.ts';
import { ProducerBatch } from './producer-batch.ts';
import type { EncodedRecord } from './record-encoding.ts';
import type { SendLoad } from './send-buffer.ts';

export interface QueueSettings {
  readonly batchBytesMax: number;
  readonly requestRecordsMax: number;
  readonly deliveryTimeoutMs: DurationMs;
}

export interface PipelineHooks {
  /** Called when no record can be added to the batch any more. */
  onSealed(batch: ProducerBatch): void;
  /** Called once per batch, after its records have their results. */
  onSettled(batch: ProducerBatch, error: ClientError | undefined): void;
  /** Called when records were removed before they were sent. */
  onWithdrawn(load: SendLoad): void;
}

/** The batches of a partition that have no outcome. Those that were sent come first. */
export class BatchQueue {
  readonly #at: TopicPartition;
  readonly #settings: QueueSettings;
  readonly #hooks: PipelineHooks;
  readonly #batches: ProducerBatch[] = [];
  #batchesMade = 0;
  #lastBatchBytes = 0;

  constructor(at: TopicPartition, settings: QueueSettings, hooks: PipelineHooks) {
    this.#at = at;
    this.#settings = settings;
    this.#hooks = hooks;
  }

  get batches(): readonly ProducerBatch[] {
    return this.#batches;
  }

  /** Adds the record to the last batch if it fits, or begins another one. */
  append(record: EncodedRecord, send: PendingSend, now: number): void {
    const { batchBytesMax, requestRecordsMax, deliveryTimeoutMs } = this.#settings;
    const last = this.#batches.at(-1);
    if (
      last &&
      !last.sealed &&
      last.count < requestRecordsMax &&
      last.sizeBytes + record.sizeBytes <= batchBytesMax
    )
      return last.add(record, send);
    if (last) this.seal(last);
    const bytesExpected = Math.max(this.#lastBatchBytes, batchHeaderBytes + record.sizeBytes);
    const start = { now, deliveryTimeoutMs, bytesExpected };
    const batch = new ProducerBatch(this.#at, this.#batchesMade, start);
    this.#batchesMade += 1;
    batch.add(record, send);
    this.#batches.push(batch);
  }

  /** Removes the records of a call that were not sent yet, and returns how many they are. */
  withdraw(send: PendingSend): number {
    let count = 0;
    for (const batch of this.#batches.filter(({ takenAt }) => takenAt === undefined)) {
      const withdrawn = batch.withdraw(send);
      if (withdrawn.records > 0) this.#hooks.onWithdrawn(withdrawn);
      if (batch.count === 0) this.#remove(batch);
      count += withdrawn.records;
    }
    return count;
  }

  /** Takes no more records into the batch. */
  seal(batch: ProducerBatch): void {
    if (batch.sealed) return;
    batch.sealed = true;
    this.#lastBatchBytes = batch.records.bytes.length;
    this.#hooks.onSealed(batch);
  }

  settle(batch: ProducerBatch, outcome: bigint | ClientError): void {
    if (!batch.waits) return;
    this.#remove(batch);
    batch.settle(outcome);
    this.#hooks.onSettled(batch, outcome instanceof ClientError ? outcome : undefined);
  }

  #remove(batch: ProducerBatch): void {
    const at = this.#batches.indexOf(batch);
    if (at >= 0) this.#batches.splice(at, 1);
  }
}
