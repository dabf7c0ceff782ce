import type { DurationMs } from '../../runtime/index.ts';
import type { ClientError } from '../client-error.ts';
import type { PlacedRecord } from './record-placement.ts';
import type { RecordMetadata, TopicPartition } from '../types.ts';

export type WriteResult = RecordMetadata | ClientError;

/** The records of a request for one partition, from their encoding to their outcome. */
export class UnwrittenBatch implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly count: number;
  /** True if the batch may be on the log: it was sent, and no answer has ruled that out. */
  uncertain = false;
  /** The id that the topic had when the batch was first sent. */
  topicId: string | undefined;
  /** When the partition was first missing in metadata, on the monotonic clock. */
  missingSince: DurationMs | undefined;
  #outcome: bigint | ClientError | undefined;

  constructor({ topic, partition }: TopicPartition, bytes: Buffer, count: number) {
    this.topic = topic;
    this.partition = partition;
    this.bytes = bytes;
    this.count = count;
  }

  get waits(): boolean {
    return this.#outcome === undefined;
  }

  /**
   * Stores the first outcome. An answer that arrives after the batch was given up changes nothing.
   */
  settle(outcome: bigint | ClientError): void {
    this.#outcome ??= outcome;
  }

  /** Yields the results of the records, in order. Their offsets are consecutive. */
  *results(): Generator<WriteResult, undefined> {
    const { topic, partition } = this;
    const outcome = this.#outcome;
    for (let index = 0; index < this.count && outcome !== undefined; index += 1)
      yield typeof outcome === 'bigint'
        ? { topic, partition, offset: outcome < 0n ? outcome : outcome + BigInt(index) }
        : outcome;
    return undefined;
  }
}

/** Groups the records of a request by partition, and keeps their order. */
export function byPartition(records: readonly PlacedRecord[]): ReadonlyMap<string, PlacedRecord[]> {
  const partitions = new Map<string, PlacedRecord[]>();
  for (const record of records) {
    const name = `${record.topic}/${record.partition}`;
    const found = partitions.get(name);
    if (found) found.push(record);
    else partitions.set(name, [record]);
  }
  return partitions;
}
