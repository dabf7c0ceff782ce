import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { compareBytes } from '../bytes-order.ts';
import type { BytesTable, KeyRange, Row, TableWrite } from '../store-engine.ts';
import { SqliteReader } from './sqlite-reader.ts';
import { RestoredRows } from './restored-rows.ts';
import { tableStatements } from './statements.sql.ts';

/** Writes wait in memory up to these limits until the table is read or committed. */
const WAITING_ROWS_MAX = 4_096;
const WAITING_BYTES_MAX = 1_048_576;

/**
 * A table in the file of a task. Writes wait for the next read or commit, and then arrive in the
 * order of their keys, which is faster. They begin a transaction if none is open.
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
  /** The error of a failed write. Nothing can be committed until a rollback. */
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

  /** After a rollback, the rows that wait are those of the last commit. */
  rolledBack(): void {
    this.#restored.lookAgain();
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Forgets the writes that wait, and a failure. */
  forget(): void {
    this.#takeWaiting();
    this.#failure = undefined;
  }

  /**
   * Writes what waits. A key that was put several times keeps the last value, since the sort is
   * stable. After a failure, which may have met a query, it throws until `forget`.
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
