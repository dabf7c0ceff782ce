import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { compareBytes, keyAfter } from '../bytes.ts';
import type { BytesTable, KeyRange, Row, TableWrite, CommittedTable } from '../store-engine.ts';
import { RestoredRows } from './restored-rows.ts';
import { tableStatements } from './statements.sql.ts';

/** Writes wait in memory up to these limits until the table is read or committed. */
const WAITING_ROWS_MAX = 4_096;
const WAITING_BYTES_MAX = 1_048_576;

/**
 * A table in the file of a task. Writes wait for the next read or commit, and are then written in
 * the order of their keys, which is faster. They begin a transaction if none is open.
 */
export class SqliteTable implements BytesTable {
  readonly #begin: () => void;
  readonly #reader: SqliteReader;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #existsBefore: StatementSync;
  readonly #deleteBefore: StatementSync;
  readonly #restored: RestoredRows;
  #waiting: TableWrite[] = [];
  #waitingBytes = 0;
  /** The error of a failed write, after which nothing can be committed until a rollback. */
  #failure: { readonly error: unknown } | undefined;

  constructor(database: DatabaseSync, name: string, begin: () => void) {
    const sql = tableStatements(name);
    database.exec(sql.create);
    this.#begin = begin;
    this.#reader = new SqliteReader(database, sql);
    this.#put = database.prepare(sql.put);
    this.#delete = database.prepare(sql.delete);
    this.#existsBefore = database.prepare(sql.existsBefore);
    this.#deleteBefore = database.prepare(sql.deleteBefore);
    this.#restored = new RestoredRows(database, sql);
  }

  get(key: Uint8Array): Uint8Array | null {
    this.#settle();
    return this.#reader.get(key);
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#waiting.push({ key, value });
    this.#waitingBytes += key.length + (value?.length ?? 0);
    if (this.#waiting.length >= WAITING_ROWS_MAX || this.#waitingBytes >= WAITING_BYTES_MAX) this.write();
  }

  rows(range: KeyRange, reverse: boolean): Generator<Row, undefined> {
    this.#settle();
    return this.#reader.rows(range, reverse);
  }

  count(): number {
    this.#settle();
    return this.#reader.count();
  }

  deleteBefore(key: Uint8Array, rowsMax: number): number {
    this.#settle();
    if (this.#existsBefore.get(key) === undefined) return 0;
    this.#begin();
    return Number(this.#deleteBefore.run(key, rowsMax).changes);
  }

  restore(writes: readonly TableWrite[]): void {
    if (writes.length === 0) return;
    this.write();
    this.#begin();
    this.#restored.append(writes);
  }

  endRestore(): void {
    this.#settleRestored();
  }

  /** Call it after a rollback: the rows in the heap are then those of the last commit. */
  rolledBack(): void {
    this.#restored.lookAgain();
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Forgets waiting writes, and a failure. */
  forget(): void {
    this.#takeWaiting();
    this.#failure = undefined;
  }

  /**
   * Writes the waiting rows. A key that was put several times keeps the last value, since the sort
   * is stable. After a failure, even one that a query has met, it throws until `forget`.
   */
  write(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#waiting.length === 0) return;
    try {
      this.#settleRestored();
      this.#begin();
      this.#restored.forgetLastKey();
      this.#writeSorted(this.#takeWaiting());
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #takeWaiting(): TableWrite[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return waiting;
  }

  #writeSorted(writes: TableWrite[]): void {
    if (writes.length > 1) writes.sort((one, other) => compareBytes(one.key, other.key));
    for (const { key, value } of writes) {
      if (value === null) this.#delete.run(key);
      else this.#put.run(key, value);
    }
  }

  #settle(): void {
    this.#settleRestored();
    this.write();
  }

  #settleRestored(): void {
    if (!this.#restored.areWaiting) return;
    this.#begin();
    this.#restored.settle();
  }
}

const PAGE_ROWS_FIRST = 32;
const PAGE_ROWS_MAX = 512;
const LOWEST = new Uint8Array(0);

type Statements = ReturnType<typeof tableStatements>;

/** Reads one table, over the connection of the task or over one that sees only committed rows. */
export class SqliteReader implements CommittedTable {
  readonly #get: StatementSync;
  readonly #count: StatementSync;
  readonly #pages: {
    readonly [name in 'ascending' | 'descending']: {
      readonly all: StatementSync;
      readonly before: StatementSync;
    };
  };

  constructor(database: DatabaseSync, sql: Statements) {
    this.#get = database.prepare(sql.get);
    this.#count = database.prepare(sql.count);
    this.#pages = {
      ascending: { all: database.prepare(sql.ascending), before: database.prepare(sql.ascendingBefore) },
      descending: { all: database.prepare(sql.descending), before: database.prepare(sql.descendingBefore) },
    };
  }

  get(key: Uint8Array): Uint8Array | null {
    const row = this.#get.get(key) as Pick<Row, 'value'> | undefined;
    return row?.value ?? null;
  }

  /** Yields rows page by page, so that no statement stays open across a write or a commit. */
  *rows({ from, before }: KeyRange, reverse: boolean): Generator<Row, undefined> {
    let low = from ?? LOWEST;
    let high = before;
    for (let limit = PAGE_ROWS_FIRST; ; limit = Math.min(limit * 4, PAGE_ROWS_MAX)) {
      const page = this.#page(low, high, limit, reverse);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < limit) return;
      if (reverse) high = last.key;
      else low = keyAfter(last.key);
    }
  }

  count(): number {
    return (this.#count.get() as { count: number }).count;
  }

  #page(low: Uint8Array, high: Uint8Array | null, limit: number, reverse: boolean): Row[] {
    const { all, before } = this.#pages[reverse ? 'descending' : 'ascending'];
    return (high === null ? all.all(low, limit) : before.all(low, high, limit)) as unknown as Row[];
  }
}
