import {
  partitionOfKey,
  type ProducerHeader,
  type ProducerRecord,
  type RecordMetadata,
} from '@millrace/streaming-core/client';
import type { Headers } from '../processor/record.ts';
import type { ProducedRecord, RecordCollector } from '../task/task-record.ts';
import type { Output } from './output.ts';
import { isRefusal } from './recovery.ts';

interface TaskOutputsParts {
  readonly output: Pick<Output, 'send'>;
  readonly partitionCount: (topic: string) => number;
  /** The topics of the task's changelogs. */
  readonly changelogTopics: ReadonlySet<string>;
  /** Decides about a record that the producer has refused. Returns what to send instead, or throws. */
  readonly onRefused: (record: ProducerRecord, error: unknown) => readonly ProducerRecord[];
}

const chunkRecordsMax = 512;
/** The largest number of a task's records that may wait for their acknowledgement. */
const inFlightRecordsMax = 10_240;

/**
 * The output of one task. It sends records in chunks, in order, and the commit awaits all of them.
 */
export class TaskOutputs implements RecordCollector {
  readonly #parts: TaskOutputsParts;
  /** Replaced with each commit, so that a late acknowledgement of work that was given up is ignored. */
  #changelogOffsets = new Map<string, bigint>();
  readonly #sending = new Set<Promise<void>>();
  #waiting: ProducerRecord[] = [];
  #inFlight = 0;
  #bytes = 0;
  #hasCollected = false;
  #error: { readonly reason: unknown } | undefined;

  constructor(parts: TaskOutputsParts) {
    this.#parts = parts;
  }

  /** The bytes of keys and values collected since the last commit. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a record was collected since the last commit. */
  get hasCollected(): boolean {
    return this.#hasCollected;
  }

  /** Whether as many records wait as may be in flight, so that the task should pause. */
  get isFull(): boolean {
    return this.#waiting.length >= inFlightRecordsMax;
  }

  /** The offsets after the last acknowledged record of each changelog since the last commit. */
  get changelogOffsets(): ReadonlyMap<string, bigint> {
    return this.#changelogOffsets;
  }

  collect(record: ProducedRecord): void {
    const { topic, key, value, headers, timestampMs } = record;
    const partition = record.partition ?? this.#partitionOf(record);
    this.#waiting.push({
      topic,
      key,
      value,
      timestampMs,
      headers: headers.length === 0 ? noHeaders : headers.map(sentHeader),
      ...(partition !== undefined && { partition }),
    });
    this.#bytes += (key?.length ?? 0) + (value?.length ?? 0);
    this.#hasCollected = true;
  }

  partitionCount(topic: string): number {
    return this.#parts.partitionCount(topic);
  }

  /**
   * Returns the partition of a record. Leaves the choice to the producer, unless other bytes than
   * the key's decide it.
   */
  #partitionOf({ topic, partitionKey, key }: ProducedRecord): number | undefined {
    if (partitionKey === null || partitionKey === key) return undefined;
    return partitionOfKey(Buffer.from(partitionKey), this.partitionCount(topic));
  }

  /**
   * Sends as many records as may be in flight, without waiting for them. Throws the error of an
   * earlier send.
   */
  send(): void {
    this.#throwFailure();
    while (this.#waiting.length > 0 && this.#inFlight < inFlightRecordsMax)
      this.#track(this.#waiting.splice(0, chunkRecordsMax));
  }

  /** Resolves once every collected record is acknowledged. */
  async flush(): Promise<void> {
    this.send();
    while (this.#sending.size > 0) {
      await Promise.race(this.#sending);
      this.send();
    }
  }

  /**
   * Begins the work of the next commit. Records in flight belong to a transaction that has ended.
   */
  reset(): void {
    this.#changelogOffsets = new Map();
    this.#sending.clear();
    this.#waiting = [];
    this.#inFlight = 0;
    this.#bytes = 0;
    this.#hasCollected = false;
    this.#error = undefined;
  }

  #track(records: readonly ProducerRecord[]): void {
    this.#inFlight += records.length;
    const settled: Promise<void> = this.#sendChunk(records, this.#changelogOffsets).then(
      () => this.#settle(settled, records.length, undefined),
      (reason: unknown) => this.#settle(settled, records.length, { reason }),
    );
    this.#sending.add(settled);
  }

  /** Notes an outcome, unless it belongs to work that was given up. */
  #settle(settled: Promise<void>, records: number, error: { readonly reason: unknown } | undefined): void {
    if (!this.#sending.delete(settled)) return;
    this.#inFlight -= records;
    this.#error ??= error;
  }

  /** Sends the records of a refused chunk one by one. */
  async #sendChunk(records: readonly ProducerRecord[], offsets: Map<string, bigint>): Promise<void> {
    try {
      this.#acknowledged(await this.#parts.output.send(records), offsets);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (records.length > 1) for (const record of records) await this.#sendChunk([record], offsets);
      else await this.#sendChunk(this.#parts.onRefused(records[0]!, error), offsets);
    }
  }

  #acknowledged(written: readonly RecordMetadata[], offsets: Map<string, bigint>): void {
    for (const { topic, offset } of written)
      if (this.#parts.changelogTopics.has(topic) && offset >= (offsets.get(topic) ?? 0n))
        offsets.set(topic, offset + 1n);
  }

  #throwFailure(): void {
    if (this.#error !== undefined) throw this.#error.reason;
  }
}

const noHeaders: readonly ProducerHeader[] = [];

const sentHeader = ({ name, value }: Headers[number]): ProducerHeader => [name, value];
