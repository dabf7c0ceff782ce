import { systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { randomBytes } from 'node:crypto';
import {
  RetriableConnectError,
  type ConnectConfig,
  type SourcePlace,
  type SourceRecord,
  type SourceTask,
} from '../../index.ts';
import { postgresConnector } from './postgres-connector.ts';

/** The parts of a record that tests compare. */
interface Captured {
  readonly topic: string;
  readonly key: unknown;
  readonly op?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly snapshot?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** A message of the task's log with its facts. */
interface Logged {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface CaptureRun {
  /** Every record that the task returned, except heartbeats. */
  readonly records: SourceRecord[];
  /** The records of the tables' topics, in the form that tests compare. */
  captured(): readonly Captured[];
  readonly logged: readonly Logged[];
  /** Waits for this many records, and returns them. */
  until(count: number): Promise<readonly Captured[]>;
  /** Waits until the snapshot is over and the task reads the slot. */
  streaming(): Promise<void>;
  /** Resolves with the error that ended the task. */
  readonly failed: Promise<Error>;
  /** The number of records of the largest poll. */
  readonly largestPoll: number;
  stop(): Promise<void>;
}

/** The offset that the log keeps for a connector between its runs. */
export interface StoredOffset {
  offset?: SourcePlace;
}

export class CaptureWorld {
  readonly database: TestDatabase;
  readonly slot = `slot_${randomBytes(5).toString('hex')}`;
  readonly #runs: { stop(): Promise<void> }[] = [];

  private constructor(database: TestDatabase) {
    this.database = database;
  }

  static open(...statements: readonly string[]): Promise<CaptureWorld> {
    return CaptureWorld.openOn(undefined, ...statements);
  }

  static async openOn(server: string | undefined, ...statements: readonly string[]): Promise<CaptureWorld> {
    const world = new CaptureWorld(await createTestDatabase(server));
    for (const statement of statements) await world.sql(statement);
    return world;
  }

  async sql<Row extends Record<string, unknown>>(statement: string): Promise<Row[]> {
    return (await this.database.pool.query(statement)).rows as Row[];
  }

  config(more: ConnectConfig = {}): ConnectConfig {
    const url = new URL(this.database.url);
    const defaults = postgresConnector().settings.flatMap((setting) =>
      setting.default === undefined ? [] : [[setting.name, setting.default] as const],
    );
    return {
      ...Object.fromEntries(defaults),
      'database.hostname': url.hostname,
      'database.port': url.port,
      'database.user': url.username,
      'database.password': url.password,
      'database.dbname': this.database.name,
      'topic.prefix': 'shop',
      'table.include.list': 'public\\..*',
      'slot.name': this.slot,
      'publication.name': this.slot,
      ...more,
    };
  }

  /** Runs a task as a worker does: each poll stores its records and their offset in one step. */
  async run(
    more: ConnectConfig = {},
    stored: StoredOffset = {},
    clock: Clock = systemClock,
  ): Promise<CaptureRun> {
    const connector = postgresConnector(clock);
    const task = connector.createTask();
    const logged: Logged[] = [];
    await task.start({
      connector: 'test',
      config: this.config(more),
      task: 0,
      log: (_level, message, facts = {}) => logged.push({ message, facts }),
      offsetOf: () => Promise.resolve(stored.offset),
    });
    const run = new Run(task, stored, logged, () => this.#slotIsActive());
    this.#runs.push(run);
    return run;
  }

  async #slotIsActive(): Promise<boolean> {
    const slots = await this.sql<{ active: boolean }>(
      `SELECT active FROM pg_replication_slots WHERE slot_name = '${this.slot}'`,
    );
    return slots[0]?.active === true;
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#runs.splice(0).map((run) => run.stop()));
  }

  closePool(): Promise<void> {
    return this.database.pool.end();
  }

  async close(): Promise<void> {
    await this.stopAll();
    await this.sql(
      `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${this.slot}' AND active`,
    );
    await until(
      () => this.#slotIsActive(),
      (active) => !active,
      30_000,
    );
    await this.database.drop();
  }
}

class Run implements CaptureRun {
  readonly records: SourceRecord[] = [];
  largestPoll = 0;
  readonly logged: readonly Logged[];
  readonly failed: Promise<Error>;
  readonly #task: SourceTask;
  readonly #stored: StoredOffset;
  readonly #slotIsActive: () => Promise<boolean>;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #failure: Error | undefined;

  constructor(
    task: SourceTask,
    stored: StoredOffset,
    logged: readonly Logged[],
    slotIsActive: () => Promise<boolean>,
  ) {
    this.#task = task;
    this.#stored = stored;
    this.logged = logged;
    this.#slotIsActive = slotIsActive;
    let fail: (error: Error) => void = () => undefined;
    this.failed = new Promise<Error>((resolve) => (fail = resolve));
    this.#ended = this.#poll().catch((error: unknown) => {
      this.#failure = error as Error;
      fail(this.#failure);
    });
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const records = await this.#polled();
      const last = records.at(-1);
      if (last === undefined) continue;
      this.largestPoll = Math.max(this.largestPoll, records.length);
      this.records.push(...records.filter(({ topic }) => !topic.startsWith('__debezium-heartbeat')));
      this.#stored.offset = last.sourceOffset;
      await this.#task.committed?.(last);
    }
  }

  async #polled(): Promise<readonly SourceRecord[]> {
    try {
      return await this.#task.poll(this.#stopping.signal);
    } catch (error) {
      if (!(error instanceof RetriableConnectError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return [];
    }
  }

  captured(): readonly Captured[] {
    return this.records.map(toCaptured);
  }

  async until(count: number): Promise<readonly Captured[]> {
    await until(
      () => this.#assertRuns(this.records.length),
      (found) => found >= count,
      60_000,
    );
    return this.captured();
  }

  async streaming(): Promise<void> {
    await until(
      async () =>
        this.#assertRuns(
          (await this.#slotIsActive()) &&
            this.#stored.offset !== undefined &&
            this.#stored.offset['snapshot'] === undefined,
        ),
      (streams) => streams,
      60_000,
    );
  }

  #assertRuns<Value>(value: Value): Value {
    if (this.#failure !== undefined) throw this.#failure;
    return value;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    await this.#task.stop();
  }
}

function toCaptured({ topic, key, value, headers }: SourceRecord): Captured {
  const payload = value.value as
    | (Captured & { source: { snapshot: string } })
    | { op: string; message: unknown; source: { snapshot: string } }
    | null;
  const shown = { topic, key: key.value };
  if (payload === null) return shown;
  const { op, source, ...rest } = payload as Captured & { source: { snapshot: string } };
  return {
    ...shown,
    ...(op !== undefined && { op }),
    ...('before' in rest && { before: rest.before, after: rest.after }),
    ...(source.snapshot !== 'false' && { snapshot: source.snapshot }),
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map(({ key: name, value: struct }) => [name, struct])),
    }),
  };
}
