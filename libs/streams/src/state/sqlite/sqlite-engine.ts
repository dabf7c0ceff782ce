import { statSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { hours } from '@millrace/streaming-core/runtime';
import { MemoryEngine } from '../memory-engine.ts';
import { type ExpectedState, reasonToRefuse, type StateMeta } from '../state-meta.ts';
import type { BytesTable, CommittedTable, StoreEngine, TableOptions } from '../store-engine.ts';
import { isCorruption, TransactionUndone } from './state-failure.ts';
import { SqliteMeta } from './sqlite-meta.ts';
import { SqliteTable, SqliteReader } from './sqlite-table.ts';
import { CREATE_META, PRAGMAS, tableStatements } from './statements.sql.ts';

export interface SqliteEngineOptions {
  /** The file of the task's state. Its folder must exist. */
  readonly path: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
}

/** A file without writes is stamped this often. Changelogs keep tombstones for a day by default. */
const stampIntervalMs = hours(1);

/**
 * The tables of one task in one file. Committed rows survive the end of the process, and a second
 * connection sees only these.
 */
export class SqliteEngine implements StoreEngine {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #now: () => number;
  readonly #meta: SqliteMeta;
  readonly #tables = new Map<string, SqliteTable>();
  readonly #inMemory = new MemoryEngine();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  /** A connection that sees only committed rows. */
  #reader: DatabaseSync | undefined;
  /** Whether a transaction is open, from the first write after a commit. */
  #hasBegun = false;
  /** When this engine last stamped the file as caught up, in Unix milliseconds. */
  #stampedAtMs = -Infinity;

  constructor({ path, now }: SqliteEngineOptions) {
    this.#database = new DatabaseSync(path);
    this.#path = path;
    this.#now = now;
    try {
      this.#database.exec(PRAGMAS);
      this.#database.exec(CREATE_META);
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#meta = new SqliteMeta(this.#database);
    this.#begin = this.#database.prepare('BEGIN');
    this.#commit = this.#database.prepare('COMMIT');
    this.#rollback = this.#database.prepare('ROLLBACK');
  }

  get meta(): StateMeta {
    return this.#meta.read();
  }

  /** The bytes of the file and its write-ahead log. */
  get diskBytes(): number {
    return sizeOf(this.#path) + sizeOf(`${this.#path}-wal`);
  }

  table(name: string, options: TableOptions): BytesTable {
    if (options.inMemory) return this.#inMemory.table(name);
    const existing = this.#tables.get(name);
    if (existing !== undefined) return existing;
    if (this.#database.isTransaction || [...this.#tables.values()].some(({ hasWaiting }) => hasWaiting)) {
      throw new Error(`The table ${name} must be opened before the first write after a commit.`);
    }
    const table = new SqliteTable(this.#database, name, () => this.#beginOnce());
    // A restore may have left a transaction open. It is committed, since a later table needs its
    // own one.
    table.endRestore();
    if (this.#database.isTransaction) this.#end();
    this.#tables.set(name, table);
    return table;
  }

  committed(name: string, options: TableOptions): CommittedTable {
    if (options.inMemory) return this.#inMemory.committed(name);
    this.#reader ??= new DatabaseSync(this.#path, { readOnly: true });
    return new SqliteReader(this.#reader, tableStatements(name));
  }

  offset(changelogTopic: string): bigint | null {
    return this.#meta.offset(changelogTopic);
  }

  commit(offsets: ReadonlyMap<string, bigint>, isCaughtUp = false): void {
    for (const table of this.#tables.values()) table.write();
    this.#inMemory.commit(new Map());
    const isStampDue = isCaughtUp && this.#now() >= this.#stampedAtMs + stampIntervalMs;
    if (offsets.size === 0 && !this.#hasBegun && !isStampDue) return;
    this.#beginOnce();
    this.#meta.committed(offsets);
    if (isCaughtUp) this.#stamp(this.#now());
    this.#end();
  }

  rollback(): void {
    this.#inMemory.rollback();
    for (const table of this.#tables.values()) table.forget();
    if (!this.#hasBegun) return;
    this.#hasBegun = false;
    this.#stampedAtMs = -Infinity;
    if (this.#database.isTransaction) this.#rollback.run();
    for (const table of this.#tables.values()) table.rolledBack();
  }

  /**
   * Records the cluster, the boot and the topics of the rows written from now on. The record is on
   * the disk when this returns, so that later writes without a sync cannot pass for synced.
   */
  adopt({ clusterId, bootId, nowMs, changelogs }: ExpectedState): void {
    this.#synced(() => {
      if (this.meta.caughtUpAtMs === null) this.#stamp(nowMs);
      this.#meta.adopted({ clusterId, bootId });
      for (const [topic, { topicId }] of changelogs) this.#meta.setTopicId(topic, topicId);
      this.#meta.setSynced(false);
    });
  }

  /** Undoes uncommitted writes, and syncs the file to the disk. */
  close(): void {
    if (!this.#database.isOpen) return;
    try {
      this.rollback();
      this.#synced(() => this.#meta.setSynced(true));
    } finally {
      this.abandon();
    }
  }

  /** Closes the file without a sync, so that it counts as not synced. */
  abandon(): void {
    this.#reader?.close();
    this.#reader = undefined;
    if (this.#database.isOpen) this.#database.close();
  }

  reasonToRefuse(expected: ExpectedState): string | null {
    return reasonToRefuse(this.meta, expected);
  }

  discardIfCorrupt(): boolean {
    if (this.#isIntact()) return false;
    this.abandon();
    deleteStateFile(this.#path);
    return true;
  }

  #isIntact(): boolean {
    try {
      const found = this.#database.prepare('PRAGMA quick_check(1)').get();
      return found?.quick_check === 'ok';
    } catch (error) {
      if (isCorruption(error)) return false;
      throw error;
    }
  }

  #synced(work: () => void): void {
    this.#database.exec('PRAGMA synchronous = FULL');
    this.#begin.run();
    work();
    this.#commit.run();
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = OFF');
  }

  #stamp(atMs: number): void {
    this.#meta.caughtUp(atMs);
    this.#stampedAtMs = atMs;
  }

  /**
   * Begins a transaction unless one is open. If the disk is full, SQLite undoes a transaction by
   * itself, and its writes are missing.
   */
  #beginOnce(): void {
    if (this.#database.isTransaction) return;
    if (this.#hasBegun) throw new TransactionUndone();
    this.#begin.run();
    this.#hasBegun = true;
  }

  #end(): void {
    this.#commit.run();
    this.#hasBegun = false;
  }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Deletes the state of a task that is not open. */
export function deleteStateFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}
