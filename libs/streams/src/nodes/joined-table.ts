import { readableStore } from './stored-table.ts';
import { joinedValueGetter, type TableJoinKind } from './table-join.ts';
import type { ReadableTable, TableView } from './table-view.ts';

export interface JoinedTables<K, V, VOther, VOut> {
  readonly kind: Exclude<TableJoinKind, 'right'>;
  readonly joiner: (value: V | null, other: VOther | null) => VOut | null;
  readonly table: TableView<K, V>;
  readonly other: TableView<K, VOther>;
}

/** The result of a join of tables. Without a store, it is read from the two tables. */
export class JoinedTable<K, V, VOther, VOut> implements TableView<K, VOut> {
  readonly #join: JoinedTables<K, V, VOther, VOut>;
  readonly #storeName: string | undefined;
  #sendsOldValues = false;

  constructor(join: JoinedTables<K, V, VOther, VOut>, storeName: string | undefined) {
    this.#join = join;
    this.#storeName = storeName;
  }

  /** To be asked when a task starts: operators downstream may have asked for old values by then. */
  get sendsOldValues(): boolean {
    return this.#sendsOldValues;
  }

  readable(): ReadableTable<K, VOut> {
    if (this.#storeName !== undefined) return readableStore(this.#storeName);
    const { kind, joiner } = this.#join;
    const table = this.#join.table.readable();
    const other = this.#join.other.readable();
    return {
      storeNames: [...new Set([...table.storeNames, ...other.storeNames])],
      valueGetter: (context) =>
        joinedValueGetter(kind, joiner, table.valueGetter(context), other.valueGetter(context)),
    };
  }

  enableSendingOldValues(): boolean {
    this.#join.table.enableSendingOldValues(true);
    this.#join.other.enableSendingOldValues(true);
    this.#sendsOldValues = true;
    return true;
  }
}
