import { isRetriableError, type FetchPosition, type OpenLogReader } from '@millrace/streaming-core/client';
import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import type { StoreCache } from '../state/store-cache.ts';
import type { StateStore } from '../processor/processor.ts';
import { TopologyTask } from '../task/topology-task.ts';
import type { GlobalStore } from '../topology/topology-spec.ts';
import type { Topology } from '../topology/topology.ts';
import { emitIntervals } from '../processor/node.ts';
import { nextTurn } from './next-turn.ts';
import { inputRecord } from './raw-records.ts';
import { RecordGuard } from './record-guard.ts';
import { report } from './streams-channels.ts';
import type { StreamsSettings } from './streams-options.ts';

interface GlobalTablesParts {
  readonly topology: Topology;
  readonly settings: StreamsSettings;
  /** Reads committed records only. */
  readonly reader: Pick<OpenLogReader, 'identify' | 'fetch' | 'beginningOffsets' | 'endOffsets'>;
  readonly cache: StoreCache;
  /** Called if a table can no longer be followed. */
  readonly onFailed: (error: Error) => void;
}

interface GlobalTable {
  readonly task: TopologyTask;
  readonly guard: RecordGuard;
  positions: readonly FetchPosition[];
}

const sliceRecords = 512;

/**
 * The tables of which this process reads all partitions. They are kept in memory and read from the
 * beginning at each start. Tasks begin once the tables have reached the ends of their topics.
 */
export class GlobalTables {
  readonly #parts: GlobalTablesParts;
  readonly #stores = new Map<string, StateStore>();
  #tables: readonly GlobalTable[] = [];
  #isClosed = false;
  #following: Promise<void> = Promise.resolve();

  constructor(parts: GlobalTablesParts) {
    this.#parts = parts;
  }

  store(name: string): StateStore | undefined {
    return this.#stores.get(name);
  }

  /** Resolves once every table has the records that its topic had when this was called. */
  async start(): Promise<void> {
    this.#tables = await Promise.all(this.#parts.topology.globalStores.map((spec) => this.#open(spec)));
    for (const table of this.#tables) await this.#catchUp(table);
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#following;
    for (const { task } of this.#tables) task.close();
  }

  async #open({ id, source, processor, store }: GlobalStore): Promise<GlobalTable> {
    const { topology, settings, reader, cache } = this.#parts;
    const { applicationId, clock } = settings;
    const engine = new MemoryEngine();
    const name = `global ${store.name}`;
    const guard = new RecordGuard(settings, name);
    const task = new TopologyTask({
      applicationId,
      taskId: { subTopology: id, partition: 0 },
      topology,
      subTopology: { id, nodes: [source, processor], stores: [store] },
      collector: { collect: () => undefined, partitionCount: () => 0 },
      openStore: (spec, context) => openStore(spec, engine, context),
      globalStore: () => undefined,
      isGlobal: true,
      wallClockMs: () => clock.now(),
      onDrop: (reason) => report('dropped', { applicationId, task: name, reason }),
      cache,
      emitIntervals,
      limits: settings,
      onNodeFailure: (failure) => guard.nodeFailed(failure, undefined, noLetters),
    });
    this.#stores.set(store.name, task.store(store.name));
    task.start();
    const topics = await reader.identify(task.sourceTopics);
    const places = [...topics].flatMap(([topic, { partitions }]) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    );
    return { task, guard, positions: await reader.beginningOffsets(places) };
  }

  async #catchUp(table: GlobalTable): Promise<void> {
    const ends = await this.#parts.reader.endOffsets(table.positions);
    const isBehind = () => table.positions.some(({ offset }, index) => offset < ends[index]!.offset);
    while (isBehind() && !this.#isClosed) await this.#step(table);
  }

  async #follow(): Promise<void> {
    const follow = async (table: GlobalTable) => {
      while (!this.#isClosed) await this.#step(table);
    };
    try {
      await Promise.all(this.#tables.map(follow));
    } catch (error) {
      if (!this.#isClosed) this.#parts.onFailed(error as Error);
    }
  }

  async #step(table: GlobalTable): Promise<void> {
    const { task, guard, positions } = table;
    const fetched = await this.#fetch(positions);
    let processed = 0;
    for (const { records, error } of fetched) {
      if (error !== undefined && !isRetriableError(error)) throw error;
      for (const record of records) {
        const raw = inputRecord(record);
        const decoded = guard.decode(raw, task, noLetters);
        if (decoded !== undefined) task.process(decoded);
        processed += 1;
        if (processed % sliceRecords === 0) await nextTurn();
      }
    }
    task.flush();
    table.positions = positions.map((position, index) => ({
      ...position,
      offset: fetched[index]?.nextOffset ?? position.offset,
    }));
  }

  async #fetch(positions: readonly FetchPosition[]): ReturnType<OpenLogReader['fetch']> {
    try {
      return await this.#parts.reader.fetch(positions);
    } catch (error) {
      if (this.#isClosed || isRetriableError(error)) return [];
      throw error;
    }
  }
}

/** Collects no dead letters, since every process reads the table and would write them. */
const noLetters = { collect: () => undefined };
