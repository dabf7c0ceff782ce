import type { ValueAndTimestamp, Change } from '../processor/record.ts';
import type { Node, NodeContext } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';
import { type ReadableTable, type TableView, type ValueGetter, readableStore } from './table-view.ts';

/** Computes the values of a table from those of the table before it. */
export type Derivation<K, V, VOut> = (key: K, value: V) => VOut | null;

interface DerivedTableOptions<K, V, VOut> {
  readonly parent: TableView<K, V>;
  /** If undefined, there is no store, and each read computes its value from the parent's. */
  readonly storeName: string | undefined;
  readonly getter: (read: ValueGetter<K, V>, context: NodeContext) => ValueGetter<K, VOut>;
}

/** A table whose values follow from another table, with or without a store of its own. */
export class DerivedTable<K, V, VOut> implements TableView<K, VOut> {
  readonly storeName: string | undefined;
  readonly #parent: TableView<K, V>;
  readonly #getter: DerivedTableOptions<K, V, VOut>['getter'];
  #sendsOldValues = false;

  constructor({ parent, storeName, getter }: DerivedTableOptions<K, V, VOut>) {
    this.#parent = parent;
    this.storeName = storeName;
    this.#getter = getter;
  }

  get sendsOldValues(): boolean {
    return this.#sendsOldValues;
  }

  readable(): ReadableTable<K, VOut> {
    if (this.storeName !== undefined) return readableStore(this.storeName);
    const parent = this.#parent.readable();
    const getter = this.#getter;
    return {
      storeNames: parent.storeNames,
      valueGetter: (context) => getter(parent.valueGetter(context), context),
    };
  }

  enableSendingOldValues(forceMaterialization: boolean): boolean {
    if (this.storeName !== undefined || this.#parent.enableSendingOldValues(forceMaterialization)) {
      this.#sendsOldValues = true;
    }
    return this.#sendsOldValues;
  }
}

/** Reads through a derivation. The time is that of the value it was computed from. */
export const derivedGetter =
  <K, V, VOut>(derive: Derivation<K, V, VOut>) =>
  (read: ValueGetter<K, V>): ValueGetter<K, VOut> =>
  (key) => {
    const stored = read(key);
    return stored === null ? null : withTime(derive(key, stored.value), stored.timestampMs);
  };

export const withTime = <V>(value: V | null, timestampMs: number): ValueAndTimestamp<V> | null =>
  value === null ? null : { value, timestampMs };

interface TableDeriveOptions<K, V, VOut> {
  /** The value is null if the table has none. */
  readonly derive: (key: K, value: V | null) => VOut | null;
  readonly storeName: string | undefined;
  readonly sendOldValues: boolean;
  /** Whether to send nothing if there was no value before and there is none now. */
  readonly skipsAbsent: boolean;
}

/** Sends the update of a derived table for each update of the table before it. */
export function tableDeriveNode<K, V, VOut>(
  { derive, storeName, sendOldValues, skipsAbsent }: TableDeriveOptions<K, V, VOut>,
  context: NodeContext<K, Change<VOut>>,
): Node<K, Change<V>> {
  const isUnchanged = (oldValue: VOut | null, newValue: VOut | null) =>
    skipsAbsent && sendOldValues && oldValue === null && newValue === null;
  if (storeName === undefined) {
    return {
      process({ key, value: change, timestampMs, headers }) {
        const newValue = derive(key, change.newValue);
        const oldValue = sendOldValues ? derive(key, change.oldValue) : null;
        if (isUnchanged(oldValue, newValue)) return;
        context.forward({
          key,
          value: { newValue, oldValue, isLatest: change.isLatest },
          timestampMs,
          headers,
        });
      },
    };
  }
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<VOut>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value: change, timestampMs, headers }) {
      const newValue = derive(key, change.newValue);
      const oldValue = sendOldValues ? (store.get(key)?.value ?? null) : null;
      if (isUnchanged(oldValue, newValue)) return;
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      forward({ key, value: { newValue, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}
