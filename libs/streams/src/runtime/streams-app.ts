import { randomUUID } from 'node:crypto';
import type { TopicPartition } from '@millrace/streaming-core/client';
import type { StateStore } from '../processor/processor.ts';
import { viewOf } from '../queries/views.ts';
import type { ReadOnlyKeyValueStore } from '../state/stores.ts';
import type { Topology } from '../topology/topology.ts';
import type { ActiveTask } from './active-task.ts';
import { AppState, type StreamsState } from './app-state.ts';
import { openApp, type OpenedApp } from './opened-app.ts';
import { placeName } from './place-name.ts';
import { openStateFolder, type StateFolder, checkTopologyFile } from './state-folder.ts';
import { report } from './streams-channels.ts';
import { StreamsError } from './streams-error.ts';
import {
  type StreamsOptions,
  type StreamsSettings,
  isolationOf,
  type StoreQueryOptions,
} from './streams-options.ts';
import { streamsSettings } from './streams-settings.ts';

/** A task in this process. */
export interface TaskStatus {
  /** Its name in Kafka Streams, such as `0_1`: the sub-topology, and the partition. */
  readonly task: string;
  /** `active`: the process runs the task. `standby`: it keeps a copy of the state. */
  readonly role: 'active' | 'standby';
  /** The partitions that it reads; none for a copy. */
  readonly partitions: readonly TopicPartition[];
  /** The bytes of its state on the disk. Undefined for a copy. */
  readonly storeBytes: number | undefined;
  /** The largest time of its records (Unix time in milliseconds). Undefined before the first record. */
  readonly streamTimeMs: number | undefined;
  /** How many records of the changelogs a copy has not applied yet; 0 for a task that runs. */
  readonly lagRecords: number;
}

/** A running topology: one member of its application's group. */
export interface StreamsApp extends AsyncDisposable {
  readonly state: StreamsState;
  /** The error that ended the application, in the state `failed`. */
  readonly failure: Error | undefined;
  /**
   * Resolves once every task of the first assignment runs. If that is impossible, the application
   * is `failed` and this rejects.
   */
  start(): Promise<void>;
  /** Commits, leaves the group and releases the state folder. Idempotent. */
  close(): Promise<void>;
  /** Stops processing. The process stays in its group and keeps its tasks. */
  pause(): void;
  resume(): void;
  /** The tasks and copies of this process now; none before the start. Reads sizes of files. */
  tasks(): readonly TaskStatus[];
  /** Returns a function that ends the notifications. */
  onStateChange(listener: (state: StreamsState, before: StreamsState) => void): () => void;
  /**
   * Reads the stores of this name in all tasks of this process as one store, as of the last commit.
   * With `{ isolation: 'latest' }` reads also see the open transaction, which may still be undone.
   * Reads throw `not_running` while the tasks do not run. Throws `unknown_store` if the topology
   * has no such store.
   */
  store<S extends StateStore = ReadOnlyKeyValueStore<unknown, unknown>>(
    name: string,
    options?: StoreQueryOptions,
  ): S;
  /**
   * The read-only stores of this name, one for each task of this process. Throws `not_running`
   * before the start.
   */
  stores(name: string, options?: StoreQueryOptions): readonly StateStore[];
}

/** Creates an application. It only checks the settings before `start`. Throws `setting_invalid`. */
export const connectStreams = (topology: Topology, options: StreamsOptions): StreamsApp =>
  new GroupedStreamsApp(topology, streamsSettings(options));

/**
 * Creates an application that stops to read its input topics at these offsets, by the names of the
 * partitions.
 */
export const connectStreamsUpTo = (
  topology: Topology,
  options: StreamsOptions,
  endOffsets: ReadonlyMap<string, bigint>,
): BatchApp => new GroupedStreamsApp(topology, { ...streamsSettings(options), endOffsets });

/** An application that can tell how far it has read. */
export interface BatchApp extends StreamsApp {
  readonly progress: ReadProgress | undefined;
}

interface ReadProgress {
  /** The offsets that the tasks have committed, or at which they have begun, by the names of the partitions. */
  readonly committed: ReadonlyMap<string, bigint>;
  /** Whether the tasks have fetched nothing that they have not committed. */
  readonly isResting: boolean;
}

class GroupedStreamsApp implements BatchApp {
  readonly #topology: Topology;
  readonly #settings: StreamsSettings;
  readonly #state = new AppState();
  readonly #firstRun = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  #folder: StateFolder | undefined;
  #opened: OpenedApp | undefined;
  #opening: Promise<OpenedApp> | undefined;
  #starting: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(topology: Topology, settings: StreamsSettings) {
    this.#topology = topology;
    this.#settings = settings;
    this.#firstRun.promise.catch(() => undefined);
    this.#state.onChange((state) => this.#report(state));
  }

  get state(): StreamsState {
    return this.#state.current;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async close(): Promise<void> {
    this.#state.change('closing');
    this.#closing.abort();
    await this.#end();
    this.#state.change('closed');
    this.#firstRun.reject(new StreamsError('not_running', 'the application was closed before its tasks ran'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  pause(): void {
    this.#running.loop.paused = true;
  }

  resume(): void {
    this.#running.loop.paused = false;
  }

  tasks(): readonly TaskStatus[] {
    if (this.#opened === undefined || this.state === 'closed' || this.state === 'failed') return [];
    const { tasks, standbys } = this.#opened;
    return [
      ...tasks.all.map(statusOf),
      ...[...standbys.copies].map(([task, { lagRecords }]) => ({ ...copy, task, lagRecords })),
    ];
  }

  /** Undefined while the tasks do not run. */
  get progress(): ReadProgress | undefined {
    if (this.#opened === undefined || this.state !== 'running') return undefined;
    const { all } = this.#opened.tasks;
    const committed = all.flatMap((task) => task.committedOffsets());
    return {
      committed: new Map(committed.map((place) => [placeName(place), place.offset])),
      isResting: all.every(({ isResting }) => isResting),
    };
  }

  onStateChange(listener: (state: StreamsState, before: StreamsState) => void): () => void {
    return this.#state.onChange(listener);
  }

  store<S extends StateStore = ReadOnlyKeyValueStore<unknown, unknown>>(
    name: string,
    options: StoreQueryOptions = {},
  ): S {
    const specs = this.#topology.subTopologies.flatMap(({ stores }) => stores);
    const spec = specs.find((store) => store.name === name);
    if (spec === undefined)
      throw new StreamsError(
        'unknown_store',
        `the topology has no store ${name}: it has ${specs.map((store) => store.name).join(', ') || 'none'}`,
      );
    const query = { isolation: isolationOf(options) };
    const view = viewOf(spec, () => this.#runningStores(name, query));
    if (view !== undefined) return view as S;
    throw new StreamsError(
      'unknown_store',
      `the store ${name} is a buffer of suppress, which has no queries`,
    );
  }

  stores(name: string, options: StoreQueryOptions = {}): readonly StateStore[] {
    return this.#running.tasks.stores(name, isolationOf(options));
  }

  #runningStores(name: string, options: StoreQueryOptions): readonly StateStore[] {
    if (this.state === 'running') return this.stores(name, options);
    throw new StreamsError(
      'not_running',
      `the application is ${this.state}, so its stores cannot be read now`,
    );
  }

  get #running(): OpenedApp {
    if (this.#opened !== undefined) return this.#opened;
    throw new StreamsError('not_running', `the application is ${this.state}: wait for start()`);
  }

  async #start(): Promise<void> {
    try {
      if (!this.#state.change('rebalancing'))
        throw new StreamsError('not_running', `the application is ${this.state}: connect another one`);
      this.#opening = this.#open();
      this.#opened = await this.#opening;
      await this.#opened.join();
    } catch (error) {
      this.#fail(error as Error);
    }
    await this.#firstRun.promise;
  }

  #open(): Promise<OpenedApp> {
    const { stateDir, applicationId, allowTopologyChange } = this.#settings;
    this.#folder = openStateFolder(stateDir, applicationId, randomUUID);
    const storeNames = this.#topology.subTopologies.flatMap(({ stores }) => stores.map(({ name }) => name));
    const description = this.#topology.describe();
    this.#warnOfDrawnNames();
    checkTopologyFile(this.#folder.path, { description, storeNames }, allowTopologyChange);
    return openApp({
      topology: this.#topology,
      settings: this.#settings,
      processId: this.#folder.processId,
      folder: this.#folder.path,
      newUuid: randomUUID,
      state: this.#state,
      closing: this.#closing.signal,
      onRunning: () => this.#firstRun.resolve(),
      onFailed: (error) => this.#fail(error),
    });
  }

  #warnOfDrawnNames(): void {
    const names = this.#topology.drawnNames();
    if (names.length === 0) return;
    this.#settings.logger.warn(
      { applicationId: this.#settings.applicationId, names },
      'stores or repartition topics have generated names: an operator added before them renames them, and their ' +
        'state is lost. Name them with materialized(NAME), or the name option of grouped, joined or repartitioned',
    );
  }

  /** Ends the application. Its resources are released in the background, unless `close` waits for it. */
  #fail(error: Error): void {
    if (!this.#state.change('failed')) return;
    this.#failure = error;
    this.#settings.logger.error({ err: error }, 'the stream application has failed');
    this.#firstRun.reject(error);
    void this.#end();
  }

  #end(): Promise<void> {
    this.#ending ??= this.#release();
    return this.#ending;
  }

  async #release(): Promise<void> {
    try {
      const opened = await this.#opening?.catch(() => undefined);
      await opened?.close();
    } catch (error) {
      this.#settings.logger.warn({ err: error }, 'the application was closed with an error');
    }
    this.#folder?.release();
  }

  #report(state: StreamsState): void {
    const { applicationId } = this.#settings;
    report('state', { applicationId, state, tasks: this.#opened?.tasks.all.length ?? 0 });
  }
}

const statusOf = ({ plan, storeBytes, streamTimeMs }: ActiveTask): TaskStatus => ({
  task: plan.name,
  role: 'active',
  partitions: plan.sources,
  storeBytes,
  streamTimeMs: streamTimeMs < 0 ? undefined : streamTimeMs,
  lagRecords: 0,
});

const copy = { role: 'standby', partitions: [], storeBytes: undefined, streamTimeMs: undefined } as const;
