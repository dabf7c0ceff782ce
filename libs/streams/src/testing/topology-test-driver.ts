import type { ValueAndTimestamp } from '../processor/record.ts';
import type { DropReason, EmitIntervals } from '../processor/node.ts';
import type { Serde } from '../serdes/serde.ts';
import type { StateStore } from '../processor/processor.ts';
import { IteratorLeftOpenError } from '../state/open-iterators.ts';
import type { ReadOnlyKeyValueStore, ReadOnlySessionStore, ReadOnlyWindowStore } from '../state/stores.ts';
import { isTimestamped, viewOf } from '../queries/views.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { Topology } from '../topology/topology.ts';
import { type InputPosition, TaskInput } from './task-input.ts';
import { TestInputTopic, TestOutputTopic } from './test-topics.ts';
import { TestTasks } from './test-tasks.ts';
import { TopicLog } from './topic-log.ts';

export interface TestDriverOptions {
  readonly applicationId?: string;
  /**
   * The time of the driver's clock in Unix milliseconds. It advances only with
   * `advanceWallClockTime`.
   */
  readonly wallClockMs?: number;
  /** The default is 0: every update goes downstream. */
  readonly cacheBytesMax?: number;
  /** The default is 0, as in Kafka Streams' driver: it looks for final results at each record. */
  readonly emitIntervals?: EmitIntervals;
  /**
   * With `fail`, the default, the error of a node is thrown. With `skip`, its record is counted as
   * dropped.
   */
  readonly onProcessingError?: 'fail' | 'skip';
}

/**
 * Runs a topology without a broker, as Kafka Streams' `TopologyTestDriver` does: all sub-topologies
 * as one task on partition 0, with a commit after each record.
 */
export class TopologyTestDriver implements Disposable {
  readonly #log = new TopicLog();
  readonly #readCounts = new Map<string, number>();
  readonly #dropped: DropReason[] = [];
  readonly #newTasks: () => TestTasks;
  readonly #stores: readonly StoreSpec[];
  #tasks: TestTasks;
  #input: TaskInput;
  #committed: ReadonlyMap<string, InputPosition> = new Map();
  #metadata: ReadonlyMap<string, number> = new Map();
  #wallClockMs: number;

  constructor(topology: Topology, options: TestDriverOptions = {}) {
    this.#wallClockMs = options.wallClockMs ?? 0;
    this.#newTasks = () =>
      new TestTasks({
        topology,
        log: this.#log,
        metadata: this.#metadata,
        applicationId: options.applicationId ?? 'test-app',
        cacheBytesMax: options.cacheBytesMax ?? 0,
        emitIntervals: options.emitIntervals ?? { windowedAggregationMs: 0, outerJoinMs: 0 },
        collector: { collect: (record) => this.#log.produce(record), partitionCount: () => 1 },
        wallClockMs: () => this.#wallClockMs,
        onDrop: (reason) => this.#dropped.push(reason),
        ...(options.onProcessingError === 'skip' && {
          onNodeFailure: ({ error }) => this.#skip(error),
        }),
      });
    this.#stores = [
      ...topology.subTopologies.flatMap(({ stores }) => stores),
      ...topology.globalStores.map(({ store }) => store),
    ];
    this.#tasks = this.#newTasks();
    this.#input = this.#begin();
  }

  /** Creates an input topic. Throws `RangeError` if the topology does not read it. */
  createInputTopic<K, V>(topic: string, keySerde: Serde<K>, valueSerde: Serde<V>): TestInputTopic<K, V> {
    return new TestInputTopic(topic, { key: keySerde, value: valueSerde }, (record) => {
      const { sourceTopics } = this.#tasks;
      if (!sourceTopics.includes(topic))
        throw new RangeError(`The topology reads no topic ${topic}. It reads ${sourceTopics.join(', ')}`);
      this.#log.pipe(record);
      this.#processAll();
    });
  }

  /** Creates a reader of a topic, which may be an internal one, under its name on the broker. */
  createOutputTopic<K, V>(topic: string, keySerde: Serde<K>, valueSerde: Serde<V>): TestOutputTopic<K, V> {
    const position = {
      get: () => this.#readCounts.get(topic) ?? 0,
      set: (count: number) => this.#readCounts.set(topic, count),
    };
    const records = () => (this.#log.producedTopics.has(topic) ? this.#log.records(topic) : []);
    return new TestOutputTopic(topic, { key: keySerde, value: valueSerde }, records, position);
  }

  /** Advances the clock, and runs the wall-clock punctuations that become due. */
  advanceWallClockTime(byMs: number): void {
    this.#wallClockMs += byMs;
    this.#tasks.task.punctuateWallClock();
    this.#commit();
    this.#processAll();
  }

  /**
   * Loses all state and everything since the last commit, as a crash does. The state is restored
   * from the changelogs, and uncommitted records are processed again.
   */
  crash(): void {
    this.#log.rollback();
    this.#tasks = this.#newTasks();
    this.#input = this.#begin();
    this.#processAll();
  }

  producedTopicNames(): ReadonlySet<string> {
    return new Set(this.#log.producedTopics);
  }

  /**
   * The reasons why records had no effect, in order. Their number is Kafka Streams'
   * `dropped-records-total`.
   */
  get dropped(): readonly DropReason[] {
    return this.#dropped;
  }

  /**
   * Returns a view of the values without their times. Like the next views, it stays valid after a
   * crash.
   */
  getKeyValueStore<K, V>(name: string): ReadOnlyKeyValueStore<K, V> {
    return this.#view(name, 'key_value');
  }

  getTimestampedKeyValueStore<K, V>(name: string): ReadOnlyKeyValueStore<K, ValueAndTimestamp<V>> {
    return this.#view(name, 'key_value', { withTimes: true });
  }

  /** Returns a view of the values without their times. */
  getWindowStore<K, V>(name: string): ReadOnlyWindowStore<K, V> {
    return this.#view(name, 'window');
  }

  getTimestampedWindowStore<K, V>(name: string): ReadOnlyWindowStore<K, ValueAndTimestamp<V>> {
    return this.#view(name, 'window', { withTimes: true });
  }

  getSessionStore<K, V>(name: string): ReadOnlySessionStore<K, V> {
    return this.#view(name, 'session');
  }

  /** Returns the store as processors see it. It can also be written. It is lost in a crash. */
  getStateStore<S extends StateStore>(name: string): S {
    return this.#store(name) as S;
  }

  close(): void {
    this.#tasks.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Skips the error of a node. It throws for an open iterator, which a test should notice although
   * an application only logs a warning.
   */
  #skip(error: unknown): void {
    if (error instanceof IteratorLeftOpenError) throw error;
    this.#dropped.push('processing_error');
  }

  #store(name: string): StateStore {
    return this.#tasks.globalStore(name) ?? this.#tasks.task.store(name);
  }

  #view<S extends StateStore>(name: string, kind: StoreSpec['kind'], { withTimes = false } = {}): S {
    const spec = this.#stores.find((store) => store.name === name);
    if (spec === undefined) {
      const names = this.#stores.map((store) => store.name).join(', ');
      throw new TypeError(`The topology has no store ${name}. Its stores: ${names === '' ? 'none' : names}`);
    }
    if (spec.kind !== kind)
      throw new TypeError(`The store ${name} is a ${spec.kind} store, not a ${kind} store`);
    if (withTimes && !isTimestamped(spec))
      throw new TypeError(`The values of the store ${name} have no time`);
    return viewOf(spec, () => [this.#store(name)], { withTimes }) as S;
  }

  /** Creates the nodes once the task has the committed times, as an application does. */
  #begin(): TaskInput {
    const input = new TaskInput(this.#tasks.task, this.#log, this.#committed);
    this.#tasks.task.start();
    return input;
  }

  #processAll(): void {
    this.#tasks.readGlobalTopics();
    for (let record = this.#input.take(); record !== undefined; record = this.#input.take()) {
      this.#tasks.task.process(record);
      this.#input.advance(record.topic);
      this.#tasks.task.punctuateStreamTime();
      this.#commit();
      this.#tasks.readGlobalTopics();
    }
  }

  #commit(): void {
    this.#tasks.task.flush();
    this.#log.commit();
    this.#committed = this.#input.positions();
    this.#metadata = new Map(this.#tasks.task.metadata);
  }
}
