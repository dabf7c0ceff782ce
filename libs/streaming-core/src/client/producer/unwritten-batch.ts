import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import type { PlacedRecord } from './record-placement.ts';
import type { RecordMetadata, TopicPartition } from '../types.ts';

export type WriteResult = RecordMetadata | ClientError;

/** The records of a request for one partition, from its encoding to what has become of it. */
export class UnwrittenBatch implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly count: number;
  /** A request with it may have been carried out, and was not answered by more than that. */
  uncertain = false;
  /** It was numbered anew, once. */
  restarted = false;
  /** Of the incarnation of the topic that it was first sent to. */
  topicId: string | undefined;
  /** Monotonic: since when its partition is not there. */
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

  /** It was given up, and nobody knows whether it is on the log. */
  get inDoubt(): boolean {
    return this.#outcome instanceof ClientError && this.uncertain;
  }

  /** The first outcome counts: an answer that comes after it was given up changes nothing. */
  settle(outcome: bigint | ClientError): void {
    this.#outcome ??= outcome;
  }

  /** Of its records, in order: the records of a batch follow one another. */
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

/** The records of a request by partition, each in the order given. */
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
