import { RecordBatch } from '../../records/record-batch.ts';
import { encodeMarker, type TransactionMarker } from '../../records/records.ts';
import type { AppendResult, PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { TopicDescription } from '../../log/topics/topic-catalog.ts';
import { ProtocolError } from '../../protocol/errors.ts';

/**
 * Logs in memory with a disk that a test can delay or break. Batches are kept as appended, without
 * validation.
 */
export class InMemoryLogs {
  readonly #topics = new Map<string, TopicDescription>();
  readonly #partitions = new Map<string, InMemoryPartition>();
  readonly #held: Array<() => void> = [];
  #holding = false;
  broken = false;

  /** Leaves appends without fsync until `release`. */
  hold(): void {
    this.#holding = true;
  }

  release(order: 'first first' | 'last first' = 'first first'): void {
    this.#holding = false;
    const held = this.#held.splice(0);
    for (const finish of order === 'first first' ? held : held.reverse()) finish();
  }

  durable(): Promise<void> {
    if (this.broken) return Promise.reject(new ProtocolError('KAFKA_STORAGE_ERROR', 'the disk is broken'));
    return this.#holding ? new Promise((resolve) => this.#held.push(resolve)) : Promise.resolve();
  }

  batchesOf(topic: string): number {
    return [...this.#partitions.values()]
      .filter((log) => log.topic === topic)
      .reduce((sum, log) => sum + log.batches.length, 0);
  }

  dropTopic(name: string): void {
    this.#topics.delete(name);
    for (const [key, log] of this.#partitions) if (log.topic === name) this.#partitions.delete(key);
  }

  addTopic(
    name: string,
    partitions: number,
    configs: ReadonlyMap<string, string> = new Map(),
    internal = false,
  ): TopicDescription {
    const made = { name, topicId: `id-of-${name}`, partitions, configs, internal };
    this.#topics.set(name, made);
    for (let partition = 0; partition < partitions; partition += 1)
      this.#partitions.set(
        `${name}/${partition}`,
        new InMemoryPartition(name, partition, () => this.durable()),
      );
    return made;
  }

  #change(name: string, change: Partial<TopicDescription>): TopicDescription {
    const changed = { ...this.#topics.get(name)!, ...change };
    this.#topics.set(name, changed);
    return changed;
  }

  /**
   * Makes the records of the topic unreadable from this offset. The end offsets of its logs stay
   * the same.
   */
  damage(topic: string, offset: bigint): void {
    for (const log of this.#partitions.values()) if (log.topic === topic) log.damage(offset);
  }

  asManager(): LogManager {
    return {
      clusterId: 'test',
      dataFolder: '/nowhere',
      offlineCause: undefined,
      topics: () => [...this.#topics.values()],
      topic: (name) => this.#topics.get(name),
      topicById: () => undefined,
      topicLike: (name) => this.#topics.get(name),
      partition: (topic, partition) => this.#partitions.get(`${topic}/${partition}`),
      checkPartitionsAdded: () => undefined,
      createTopic: ({ name, partitions, configs, internal }) =>
        Promise.resolve(this.addTopic(name, partitions, configs, internal)),
      deleteTopic: (name) => Promise.resolve(this.dropTopic(name)),
      reconfigure: () => undefined,
      replaceFile: () => Promise.resolve(),
      alterTopicConfigs: (name, configs) => Promise.resolve(this.#change(name, { configs })),
      addPartitions: (name, partitions) => Promise.resolve(this.#change(name, { partitions })),
      allocateProducerId: () => Promise.resolve(0n),
      close: () => Promise.resolve(),
    };
  }
}

class InMemoryPartition implements PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch = 0;
  readonly logStartOffset = 0n;
  readonly sizeBytes = 0;
  readonly unavailable = undefined;
  readonly batches: Buffer[] = [];
  readonly #durable: () => Promise<void>;
  #end = 0n;

  constructor(topic: string, partition: number, durable: () => Promise<void>) {
    this.topic = topic;
    this.partition = partition;
    this.#durable = durable;
  }

  get logEndOffset(): bigint {
    return this.#end;
  }

  get highWatermark(): bigint {
    return this.#end;
  }

  get lastStableOffset(): bigint {
    return this.#end;
  }

  damage(offset: bigint): void {
    const first = this.batches.findIndex((batch) => new RecordBatch(batch).lastOffset >= offset);
    if (first >= 0) this.batches.splice(first);
  }

  append(placed: RecordBatch): AppendResult {
    const durable = this.#durable();
    placed.place(this.#end, 0);
    this.batches.push(placed.bytes);
    this.#end = placed.lastOffset + 1n;
    return {
      baseOffset: placed.baseOffset,
      lastOffset: placed.lastOffset,
      logAppendTimeMs: -1n,
      duplicate: false,
      durable,
    };
  }

  appendMarker(marker: TransactionMarker): AppendResult {
    return this.append(new RecordBatch(encodeMarker(marker, 0)));
  }

  hasOpenTransaction(): boolean {
    return false;
  }

  expectTransaction(): void {}

  abortedTransactions(): readonly never[] {
    return [];
  }

  producers(): readonly never[] {
    return [];
  }

  read(offset: bigint): Buffer {
    return this.batches.find((batch) => new RecordBatch(batch).lastOffset >= offset) ?? Buffer.alloc(0);
  }

  offsetForTimestamp(): undefined {
    return undefined;
  }

  maxTimestamp(): undefined {
    return undefined;
  }

  leaderEpochAt(): number {
    return this.leaderEpoch;
  }

  endOffsetForEpoch() {
    return { leaderEpoch: this.leaderEpoch, endOffset: this.#end };
  }

  deleteRecordsBefore(): Promise<bigint> {
    return Promise.resolve(this.logStartOffset);
  }

  flush(): Promise<void> {
    return this.#durable();
  }

  onMoved(): () => void {
    return () => undefined;
  }
}
