import type { DropReason, EmitIntervals } from '../processor/node-context.ts';
import type { Serde } from '../serdes/serde.ts';
import type { KeyValueStore, SessionStore, StateStore, WindowStore } from '../state/stores.ts';
import type { ProducedRecord } from '../task/record-collector.ts';
import type { RawRecord } from '../task/task-record.ts';
import type { TopologyTask } from '../task/topology-task.ts';
import type { Topology } from '../topology/topology.ts';
import { TaskInput } from './task-input.ts';
import { TestInputTopic, TestOutputTopic } from './test-topics.ts';
import { TestTasks } from './test-tasks.ts';
import { TopicLog } from './topic-log.ts';

export interface TestDriverOptions {
  readonly applicationId?: string;
  /** Unix time in milliseconds at which the clock of the driver stands. It moves only when it is told to. */
  readonly wallClockMs?: number;
  /** Default 0: every update goes downstream. */
  readonly cacheBytesMax?: number;
  readonly emitIntervals?: EmitIntervals;
}

/**
 * Runs a topology without a broker, as Kafka Streams' `TopologyTestDriver` does: all sub-topologies
 * as one task on partition 0, with a commit after each record.
 */
export class TopologyTestDriver implements Disposable {
  readonly #log = new TopicLog();
  readonly #offsets = new Map<string, bigint>();
  readonly #dropped: DropReason[] = [];
  readonly #tasks: TestTasks;
  readonly #input: TaskInput;
  #wallClockMs: number;

  constructor(topology: Topology, options: TestDriverOptions = {}) {
    this.#wallClockMs = options.wallClockMs ?? 0;
    this.#tasks = new TestTasks({
      topology,
      applicationId: options.applicationId ?? 'test-app',
      cacheBytesMax: options.cacheBytesMax ?? 0,
      emitIntervals: options.emitIntervals ?? { windowedAggregationMs: 1_000, outerJoinMs: 1_000 },
      collector: { collect: (record) => this.#collect(record), partitionCount: () => 1 },
      wallClockMs: () => this.#wallClockMs,
      onDrop: (reason) => this.#dropped.push(reason),
    });
    this.#input = new TaskInput(this.#task);
    this.#task.start();
  }

  createInputTopic<K, V>(topic: string, keySerde: Serde<K>, valueSerde: Serde<V>): TestInputTopic<K, V> {
    return new TestInputTopic(topic, { key: keySerde, value: valueSerde }, (record) => {
      this.#accept({ ...record, partition: 0, offset: this.#nextOffset(record.topic) });
      this.#processAll();
    });
  }

  /** Also reads internal topics, under their names on the broker. */
  createOutputTopic<K, V>(topic: string, keySerde: Serde<K>, valueSerde: Serde<V>): TestOutputTopic<K, V> {
    return new TestOutputTopic(topic, { key: keySerde, value: valueSerde }, this.#log);
  }

  /** Runs the wall-clock punctuations that become due. */
  advanceWallClockTime(byMs: number): void {
    this.#wallClockMs += byMs;
    this.#task.punctuateWallClock();
    this.#task.flush();
    this.#processAll();
  }

  producedTopicNames(): ReadonlySet<string> {
    return new Set(this.#log.topics);
  }

  /** Why records had no effect, in order. Its length is Kafka Streams' `dropped-records-total`. */
  get dropped(): readonly DropReason[] {
    return this.#dropped;
  }

  getKeyValueStore<K, V>(name: string): KeyValueStore<K, V> {
    return this.#store(name) as KeyValueStore<K, V>;
  }

  getWindowStore<K, V>(name: string): WindowStore<K, V> {
    return this.#store(name) as WindowStore<K, V>;
  }

  getSessionStore<K, V>(name: string): SessionStore<K, V> {
    return this.#store(name) as SessionStore<K, V>;
  }

  close(): void {
    this.#tasks.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #task(): TopologyTask {
    return this.#tasks.task;
  }

  #store(name: string): StateStore {
    return this.#tasks.globalStore(name) ?? this.#task.store(name);
  }

  #nextOffset(topic: string): bigint {
    const offset = this.#offsets.get(topic) ?? 0n;
    this.#offsets.set(topic, offset + 1n);
    return offset;
  }

  #accept(record: RawRecord): void {
    if (!this.#tasks.processGlobal(record)) this.#input.add(record);
  }

  #processAll(): void {
    for (let record = this.#input.take(); record !== undefined; record = this.#input.take()) {
      this.#task.process(record);
      this.#task.punctuateStreamTime();
      this.#task.flush();
      this.#input.advance(record.topic);
    }
  }

  #collect(record: ProducedRecord): void {
    const { topic, key, value, timestampMs, headers } = this.#log.append(record);
    if (!this.#tasks.reads(topic)) return;
    const offset = this.#nextOffset(topic);
    this.#accept({ topic, partition: 0, offset, key, value, timestampMs, headers });
  }
}
