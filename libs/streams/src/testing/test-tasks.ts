import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import { StoreCache } from '../state/store-cache.ts';
import type { StateStore } from '../processor/processor.ts';
import type { RawRecord } from '../task/task-record.ts';
import { TopologyTask, type TopologyTaskParts } from '../task/topology-task.ts';
import type { SubTopology } from '../topology/topology-spec.ts';
import type { TopicLog } from './topic-log.ts';

interface TestTaskParts extends Pick<
  TopologyTaskParts,
  'topology' | 'applicationId' | 'collector' | 'emitIntervals' | 'wallClockMs' | 'onDrop' | 'onNodeFailure'
> {
  readonly cacheBytesMax: number;
  readonly log: TopicLog;
  /** The times that nodes have committed together with the offsets. */
  readonly metadata: ReadonlyMap<string, number>;
}

const hasKey = (record: RawRecord): record is RawRecord & { readonly key: Uint8Array } => record.key !== null;

/**
 * The tasks of a topology under test: one for all sub-topologies, and one for each global store.
 */
export class TestTasks {
  readonly task: TopologyTask;
  readonly #parts: TestTaskParts;
  readonly #cache: StoreCache;
  readonly #globalTasks: TopologyTask[] = [];
  readonly #globalStores = new Map<string, StateStore>();
  readonly #globalNext = new Map<string, number>();

  /** Opens the tasks and restores their stores from their topics. */
  constructor(parts: TestTaskParts) {
    this.#parts = parts;
    this.#cache = new StoreCache({ bytesMax: parts.cacheBytesMax });
    for (const { id, source, processor, store } of parts.topology.globalStores) {
      const task = this.#newTask({ id, nodes: [source, processor], stores: [store] }, { isGlobal: true });
      this.#globalTasks.push(task);
      this.#globalStores.set(store.name, task.store(store.name));
    }
    const all = parts.topology.asOneSubTopology();
    this.task = this.#newTask(all);
    this.readGlobalTopics();
    for (const { name, logConfigs } of all.stores) {
      const topic = parts.topology.storeTopic(name, parts.applicationId);
      if (logConfigs !== undefined) this.task.restore(name, parts.log.records(topic).filter(hasKey));
    }
    for (const [name, value] of parts.metadata) this.task.metadata.set(name, value);
  }

  globalStore(name: string): StateStore | undefined {
    return this.#globalStores.get(name);
  }

  /** The topics that the topology reads, under their names on the broker. */
  get sourceTopics(): readonly string[] {
    return [this.task, ...this.#globalTasks].flatMap((task) => [...task.sourceTopics]);
  }

  /** Brings the global stores up to date. */
  readGlobalTopics(): void {
    for (const task of this.#globalTasks) {
      for (const topic of task.sourceTopics) this.#read(task, topic);
    }
  }

  close(): void {
    for (const task of this.#globalTasks) task.close();
    this.task.close();
  }

  #read(task: TopologyTask, topic: string): void {
    const records = this.#parts.log.records(topic);
    for (const record of records.slice(this.#globalNext.get(topic) ?? 0)) {
      const decoded = task.decode(record);
      if (decoded !== undefined) task.process(decoded);
    }
    this.#globalNext.set(topic, records.length);
  }

  #newTask(subTopology: SubTopology, { isGlobal = false } = {}): TopologyTask {
    const engine = new MemoryEngine();
    return new TopologyTask({
      ...this.#parts,
      taskId: { subTopology: subTopology.id, partition: 0 },
      subTopology,
      isGlobal,
      openStore: (spec, context) => openStore(spec, engine, context),
      globalStore: (name) => this.#globalStores.get(name),
      cache: this.#cache,
    });
  }
}
