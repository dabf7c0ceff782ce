import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import { StoreCache } from '../state/store-cache.ts';
import type { StateStore } from '../state/stores.ts';
import type { RawRecord } from '../task/task-record.ts';
import { TopologyTask, type TopologyTaskParts } from '../task/topology-task.ts';
import type { SubTopology } from '../topology/topology-spec.ts';

interface TestTaskParts extends Pick<
  TopologyTaskParts,
  'topology' | 'applicationId' | 'collector' | 'emitIntervals' | 'wallClockMs' | 'onDrop'
> {
  readonly cacheBytesMax: number;
}

/** The tasks of a topology under test: one for all sub-topologies, and one per global store. */
export class TestTasks {
  readonly task: TopologyTask;
  readonly #parts: TestTaskParts;
  readonly #cache: StoreCache;
  readonly #globalTasks = new Map<string, TopologyTask>();
  readonly #globalStores = new Map<string, StateStore>();

  constructor(parts: TestTaskParts) {
    this.#parts = parts;
    this.#cache = new StoreCache({ bytesMax: parts.cacheBytesMax });
    for (const { id, source, processor, store } of parts.topology.globalStores) {
      const task = this.#newTask({ id, nodes: [source, processor], stores: [store] });
      this.#globalStores.set(store.name, task.store(store.name));
      for (const topic of task.sourceTopics) this.#globalTasks.set(topic, task);
    }
    this.task = this.#newTask(parts.topology.asOneSubTopology());
  }

  reads(topic: string): boolean {
    return this.#globalTasks.has(topic) || this.task.sourceTopics.includes(topic);
  }

  globalStore(name: string): StateStore | undefined {
    return this.#globalStores.get(name);
  }

  /** Returns false if no global store reads the topic. */
  processGlobal(record: RawRecord): boolean {
    const task = this.#globalTasks.get(record.topic);
    if (task === undefined) return false;
    const decoded = task.decode(record);
    if (decoded !== undefined) task.process(decoded);
    return true;
  }

  close(): void {
    for (const task of this.#globalTasks.values()) task.close();
    this.task.close();
  }

  #newTask(subTopology: SubTopology): TopologyTask {
    const engine = new MemoryEngine();
    return new TopologyTask({
      ...this.#parts,
      taskId: { subTopology: subTopology.id, partition: 0 },
      subTopology,
      openStore: (spec, context) => openStore(spec, engine, context),
      globalStore: (name) => this.#globalStores.get(name),
      cache: this.#cache,
    });
  }
}
