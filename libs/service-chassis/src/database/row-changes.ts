import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { ObjectLiteral } from 'typeorm';
import type { Key, RowTable, RowWrite } from './row-writes.ts';

type Change = ObjectLiteral | ((row: ObjectLiteral) => ObjectLiteral);

/** What is known of one row while a batch of events is applied. */
type Pending =
  | {
      readonly kind: 'row';
      readonly write: 'insert' | 'upsert' | 'update' | 'none';
      readonly row: ObjectLiteral;
    }
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'removed' };

/** A row that was to be changed is not there. */
export class MissingRow extends Error {
  readonly key: Key;

  constructor(key: Key) {
    super(`row ${key} does not exist`);
    this.key = key;
  }
}

/**
 * The changes of one projection's rows through a batch of events, in their order, written together at its end: one read for all rows whose
 * change depends on what they are, and one statement for all that change alike.
 */
export class RowChanges {
  readonly #transaction: SqlTransaction;
  readonly #table: RowTable;
  readonly #pending = new Map<Key, Pending>();

  constructor(transaction: SqlTransaction, table: RowTable) {
    this.#transaction = transaction;
    this.#table = table;
  }

  insert(row: ObjectLiteral): void {
    const key = this.#keyOf(row);
    // A second insert is left to the database to refuse, and one after a removal replaces.
    const write = this.#pending.get(key)?.kind === 'removed' ? 'upsert' : 'insert';
    this.#pending.set(key, { kind: 'row', write, row });
  }

  upsert(row: ObjectLiteral): void {
    const key = this.#keyOf(row);
    const known = this.#pending.get(key);
    const write = known?.kind === 'row' && known.write === 'insert' ? 'insert' : 'upsert';
    this.#pending.set(key, { kind: 'row', write, row });
  }

  update(key: Key, change: Change): void {
    const known = this.#pending.get(key);
    if (known?.kind === 'removed') throw new MissingRow(key);
    if (known?.kind !== 'row')
      return void this.#pending.set(key, { kind: 'changes', changes: [...(known?.changes ?? []), change] });
    this.#pending.set(key, {
      ...known,
      write: known.write === 'none' ? 'update' : known.write,
      row: changed(known.row, change),
    });
  }

  remove(key: Key): void {
    this.#pending.set(key, { kind: 'removed' });
  }

  /** The row as these changes leave it. */
  async find(key: Key): Promise<ObjectLiteral | null> {
    await this.#settle([key]);
    const known = this.#pending.get(key);
    if (known?.kind === 'row') return known.row;
    if (known?.kind === 'removed') return null;
    const row = (await this.#table.load(this.#transaction, [key])).get(key);
    if (row !== undefined) this.#pending.set(key, { kind: 'row', write: 'none', row });
    return row ?? null;
  }

  /** Throws `MissingRow`. */
  async flush(): Promise<void> {
    const dependent = [...this.#pending].filter(
      ([, known]) => known.kind === 'changes' && known.changes.some(isFunction),
    );
    await this.#settle(dependent.map(([key]) => key));
    const writes = [...this.#pending].flatMap(([key, known]) => this.#writesOf(key, known));
    this.#pending.clear();
    const [missing] = await this.#table.write(this.#transaction, writes);
    if (missing !== undefined) throw new MissingRow(missing);
  }

  /** Reads the rows that only changes are known of, and applies these. */
  async #settle(keys: readonly Key[]): Promise<void> {
    const wanted = keys.filter((key) => this.#pending.get(key)?.kind === 'changes');
    const rows = await this.#table.load(this.#transaction, wanted);
    for (const key of wanted) {
      const known = this.#pending.get(key);
      if (known?.kind !== 'changes') continue;
      const row = rows.get(key);
      if (row === undefined) throw new MissingRow(key);
      this.#pending.set(key, { kind: 'row', write: 'update', row: known.changes.reduce(changed, row) });
    }
  }

  #writesOf(key: Key, known: Pending): readonly RowWrite[] {
    if (known.kind === 'removed') return [{ kind: 'remove', key }];
    if (known.kind === 'changes') {
      const change = known.changes.reduce<ObjectLiteral>(changed, {});
      return [{ kind: 'update', row: { ...change, [this.#table.keyProperty]: key } }];
    }
    return known.write === 'none' ? [] : [{ kind: known.write, row: known.row }];
  }

  #keyOf(row: ObjectLiteral): Key {
    return row[this.#table.keyProperty] as Key;
  }
}

const isFunction = (change: Change): boolean => typeof change === 'function';

const changed = (row: ObjectLiteral, change: Change): ObjectLiteral => ({
  ...row,
  ...(typeof change === 'function' ? change(row) : change),
});
