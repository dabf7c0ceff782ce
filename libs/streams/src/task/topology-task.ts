import type { DropReason, EmitIntervals } from '../processor/node.ts';
import type { TaskId } from '../processor/task-id.ts';
import type { Serde } from '../serdes/serde.ts';
import { OpenIterators } from '../state/open-iterators.ts';
import type { StoreCache } from '../state/store-cache.ts';
import type { ChangelogRecord, OpenedStore, StoreContext } from '../state/store-context.ts';
import {
  defaultStoreLimits,
  RECENT_BYTES_MAX,
  type StoreLimits,
  SuppressBudget,
} from '../state/store-limits.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { StateStore } from '../processor/processor.ts';
import type { Topology } from '../topology/topology.ts';
import type { SourceSpec, SubTopology } from '../topology/topology-spec.ts';
import type { FailurePolicies } from './node-failure.ts';
import { ProcessingState } from './processing-state.ts';
import { TaskNodes } from './task-nodes.ts';
import type { DecodedRecord, RawRecord, RecordCollector } from './task-record.ts';

/** Without a policy, errors of nodes and serdes are thrown. */
export interface TopologyTaskParts extends Partial<FailurePolicies> {
  readonly applicationId: string;
  readonly taskId: TaskId;
  readonly topology: Topology;
  readonly subTopology: SubTopology;
  readonly collector: RecordCollector;
  readonly openStore: (spec: StoreSpec, context: StoreContext) => OpenedStore;
  readonly globalStore: (name: string) => StateStore | undefined;
  readonly wallClockMs: () => number;
  readonly onDrop: (reason: DropReason) => void;
  /** The cache that the tasks of a process share. */
  readonly cache: StoreCache;
  readonly emitIntervals: EmitIntervals;
  /** The default is `defaultStoreLimits`. */
  readonly limits?: StoreLimits;
  /**
   * The memory for the newest rows of each store of a stream join. The default is
   * `RECENT_BYTES_MAX`.
   */
  readonly recentBytesMax?: number;
  /** Whether the task fills a global store, which has no commits. */
  readonly isGlobal?: boolean;
}

/** Runs one sub-topology for one partition of its sources. Synchronous, and knows of no broker. */
export class TopologyTask {
  readonly id: TaskId;
  readonly #sources = new Map<string, SourceSpec>();
  readonly #stores = new Map<string, OpenedStore>();
  readonly #state: ProcessingState;
  readonly #parts: TopologyTaskParts;
  readonly #iterators = new OpenIterators();
  #nodes: TaskNodes | undefined;

  /** Opens the stores. The nodes start with the first record, or with `start`. */
  constructor(parts: TopologyTaskParts) {
    this.id = parts.taskId;
    this.#parts = parts;
    this.#state = new ProcessingState(parts, this.#iterators);
    for (const spec of parts.subTopology.nodes) {
      if (spec.kind !== 'source') continue;
      for (const topic of spec.topics) this.#sources.set(this.#topicName(topic), spec);
    }
    const limits = parts.limits ?? defaultStoreLimits;
    const suppressBudget = new SuppressBudget(limits);
    for (const spec of parts.subTopology.stores) {
      const opened = parts.openStore(spec, this.#storeContext({ limits, suppressBudget }));
      this.#stores.set(spec.name, opened);
      this.#state.addStore(opened.store);
    }
  }

  /** The names on the broker of the topics that the task reads. */
  get sourceTopics(): readonly string[] {
    return [...this.#sources.keys()];
  }

  get streamTimeMs(): number {
    return this.#state.time.streamTimeMs;
  }

  /** Applies records of a store's changelog. Call it before `start`. */
  restore(storeName: string, records: readonly ChangelogRecord[]): void {
    this.#opened(storeName).restore(records);
  }

  /** Returns the largest time of a record of the partition so far, or -1. */
  partitionTimeMs(topic: string, partition: number): number {
    return this.#state.time.partitionTimeMs(topic, partition);
  }

  /** Continues from the time that was stored with the committed offset. */
  setPartitionTime(topic: string, partition: number, timestampMs: number): void {
    this.#state.time.advance(topic, partition, timestampMs);
  }

  /** Ends the restore, and creates the nodes, which may schedule punctuations from now on. */
  start(): void {
    if (this.#nodes !== undefined) return;
    for (const store of this.#stores.values()) store.endRestore();
    this.#nodes = new TaskNodes({
      specs: this.#parts.subTopology.nodes,
      state: this.#state,
      collector: this.#parts.collector,
      topicName: (topic) => this.#topicName(topic),
    });
  }

  /**
   * Decodes a record and extracts its time. Returns undefined, and counts a drop, if the time is
   * negative. Throws the errors of the serdes and the timestamp extractor.
   */
  decode(record: RawRecord): DecodedRecord | undefined {
    const { topic, partition, offset, headers } = record;
    const source = this.#sources.get(topic);
    if (source === undefined) throw new TypeError(`The task ${this.#name} does not read the topic ${topic}`);
    const key = decoded(source.keySerde, record.key, topic);
    const value = decoded(source.valueSerde, record.value, topic);
    let { timestampMs } = record;
    if (source.timestampOf !== undefined) {
      const onLog = { topic, partition, offset, key, value, headers, timestampMs };
      timestampMs = source.timestampOf(onLog, this.partitionTimeMs(topic, partition));
    }
    if (timestampMs < 0) {
      this.#parts.onDrop('negative_timestamp');
      return undefined;
    }
    return { topic, partition, offset, key, value, headers, timestampMs, sourceName: source.name };
  }

  process(record: DecodedRecord): void {
    const { key, value, timestampMs, headers, topic, partition, offset } = record;
    this.start();
    this.#state.time.advance(topic, partition, timestampMs);
    this.#state.work(record.sourceName, { topic, partition, offset, timestampMs, headers }, () =>
      this.#nodes?.get(record.sourceName).process({ key, value, timestampMs, headers }),
    );
  }

  /** Runs the callbacks that are due by stream time. Returns whether there was one. */
  punctuateStreamTime(): boolean {
    return this.#state.punctuateStreamTime();
  }

  /** Runs the callbacks that are due by the clock. Returns whether there was one. */
  punctuateWallClock(): boolean {
    return this.#state.punctuateWallClock();
  }

  /**
   * Runs the first callback that is due at this time of the clock. Returns false if there is none.
   */
  punctuateNext(nowMs: number): boolean {
    return this.#state.punctuateNext(nowMs);
  }

  /** Whether the task reads the topic of this name on the broker. */
  reads(topic: string): boolean {
    return this.#sources.has(topic);
  }

  /**
   * Forwards the updates that caches hold back, and lets processors write what they keep in memory, so
   * that all output of the records so far is collected. Each processor first gets what the caches above
   * it have held back.
   */
  flush(): void {
    for (const write of this.#state.commitWriters) {
      this.#flushStores();
      write();
    }
    this.#flushStores();
  }

  /** The numbers of nodes that belong in the metadata of the committed offsets (KIP-825). */
  get metadata(): Map<string, number> {
    return this.#state.metadata;
  }

  takeCommitRequest(): boolean {
    return this.#state.takeCommitRequest();
  }

  store(name: string): StateStore {
    return this.#opened(name).store;
  }

  /** Returns a read-only view of a store as of the last commit, for queries from outside. */
  committedStore(name: string): StateStore {
    return this.#opened(name).committed();
  }

  /** Returns a read-only view of a store with uncommitted writes, for queries from outside. */
  latestStore(name: string): StateStore {
    return this.#opened(name).latest();
  }

  /** Closes the nodes. Updates that caches hold back are not written. */
  close(): void {
    this.#nodes?.close();
    for (const store of this.#stores.values()) store.close();
  }

  #flushStores(): void {
    for (const store of this.#stores.values()) store.flush();
  }

  get #name(): string {
    return `${this.id.subTopology}_${this.id.partition}`;
  }

  #topicName(topic: string): string {
    return this.#parts.topology.topicName(topic, this.#parts.applicationId);
  }

  #opened(storeName: string): OpenedStore {
    const opened = this.#stores.get(storeName);
    if (opened === undefined) throw new TypeError(`The task ${this.#name} has no store ${storeName}`);
    return opened;
  }

  #storeContext(limited: Pick<StoreContext, 'limits' | 'suppressBudget'>): StoreContext {
    const { applicationId, topology, collector, onDrop } = this.#parts;
    const topics = new Map<string, string>();
    const topicOf = (storeName: string) => {
      const topic = topics.get(storeName) ?? topology.storeTopic(storeName, applicationId);
      topics.set(storeName, topic);
      return topic;
    };
    return {
      ...limited,
      recentBytesMax: this.#parts.recentBytesMax ?? RECENT_BYTES_MAX,
      cache: this.#parts.cache,
      iterators: this.#iterators,
      wallClockMs: this.#parts.wallClockMs,
      recordContext: () => this.#state.writeContext,
      withRecordContext: (context, work) => this.#state.withRecordContext(context, work),
      changelogTopic: topicOf,
      log: (storeName, { key, value, timestampMs, headers }) =>
        collector.collect({
          topic: topicOf(storeName),
          partition: this.id.partition,
          partitionKey: key,
          key,
          value,
          headers,
          timestampMs,
        }),
      drop: onDrop,
    };
  }
}

const decoded = (serde: Serde<unknown>, bytes: Uint8Array | null, topic: string): unknown =>
  bytes === null ? null : serde.decode(bytes, topic);
