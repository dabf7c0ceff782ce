import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import type { TopicPartition } from '../types.ts';
import type { PendingSend } from './pending-send.ts';
import { ProducerBatch, type BatchEntry } from './producer-batch.ts';

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
  onWithdrawn(entries: readonly BatchEntry[]): void;
}

/** The batches of a partition that have no outcome. Those that were sent come first. */
export class BatchQueue {
  readonly #at: TopicPartition;
  readonly #settings: QueueSettings;
  readonly #hooks: PipelineHooks;
  readonly #batches: ProducerBatch[] = [];
  #batchesMade = 0;

  constructor(at: TopicPartition, settings: QueueSettings, hooks: PipelineHooks) {
    this.#at = at;
    this.#settings = settings;
    this.#hooks = hooks;
  }

  get batches(): readonly ProducerBatch[] {
    return this.#batches;
  }

  /** Adds the record to the last batch if it fits, or begins another one. */
  append(entry: BatchEntry, now: number): void {
    const { batchBytesMax, requestRecordsMax, deliveryTimeoutMs } = this.#settings;
    const last = this.#batches.at(-1);
    if (
      last &&
      !last.sealed &&
      last.count < requestRecordsMax &&
      last.sizeBytes + entry.record.sizeBytes <= batchBytesMax
    )
      return last.add(entry);
    if (last) this.seal(last);
    const batch = new ProducerBatch(this.#at, this.#batchesMade, { now, deliveryTimeoutMs });
    this.#batchesMade += 1;
    batch.add(entry);
    this.#batches.push(batch);
  }

  /** Removes the records of a call that were not sent yet, and returns how many they are. */
  withdraw(send: PendingSend): number {
    let count = 0;
    for (const batch of this.#batches.filter(({ takenAt }) => takenAt === undefined)) {
      const withdrawn = batch.withdraw(send);
      if (withdrawn.length > 0) this.#hooks.onWithdrawn(withdrawn);
      if (batch.count === 0) this.#remove(batch);
      count += withdrawn.length;
    }
    return count;
  }

  /** Takes no more records into the batch. */
  seal(batch: ProducerBatch): void {
    if (batch.sealed) return;
    batch.sealed = true;
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
