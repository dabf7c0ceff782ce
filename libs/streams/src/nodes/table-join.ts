import type { Change, ValueAndTimestamp } from '../processor/record.ts';
import type { Node, NodeContext } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';
import { type ReadableTable, type ValueGetter, type TableView, readableStore } from './table-view.ts';

/**
 * The values that a result needs: both (`inner`), this table's (`left`), the other table's
 * (`right`) or either of them (`outer`).
 */
type TableJoinKind = 'inner' | 'left' | 'right' | 'outer';

export interface TableJoinSide<K, VThis, VOther, VOut> {
  readonly kind: TableJoinKind;
  readonly joiner: (value: VThis | null, other: VOther | null) => VOut | null;
  readonly other: ReadableTable<K, VOther>;
  readonly sendOldValues: boolean;
}

/** Joins each update of one table with the other table's value for the key. */
export function tableJoinNode<K, VThis, VOther, VOut>(
  { kind, joiner, other, sendOldValues }: TableJoinSide<K, VThis, VOther, VOut>,
  context: NodeContext<K, Change<VOut>>,
): Node<K | null, Change<VThis>> {
  const otherValue = other.valueGetter(context);
  return {
    process({ key, value: change, timestampMs: recordTimeMs, headers }) {
      if (key === null) return context.drop('null_key');
      const found = otherValue(key);
      if (found === null && isWithoutEffect(kind, change)) return;
      const join = (value: VThis | null) => joined(kind, joiner, value, found?.value ?? null);
      const newValue = join(change.newValue);
      const oldValue = sendOldValues ? join(change.oldValue) : null;
      const timestampMs = Math.max(recordTimeMs, found?.timestampMs ?? recordTimeMs);
      context.forward({
        key,
        value: { newValue, oldValue, isLatest: change.isLatest },
        timestampMs,
        headers,
      });
    },
  };
}

/** Reads the result of a join from the two tables, at the later time of both. */
const joinedValueGetter =
  <K, VThis, VOther, VOut>(
    kind: TableJoinKind,
    joiner: (value: VThis | null, other: VOther | null) => VOut | null,
    valueOf: ValueGetter<K, VThis>,
    otherOf: ValueGetter<K, VOther>,
  ): ValueGetter<K, VOut> =>
  (key) => {
    const value = valueOf(key);
    const other = otherOf(key);
    const result = joined(kind, joiner, value?.value ?? null, other?.value ?? null);
    return result === null ? null : { value: result, timestampMs: laterOf(value, other) };
  };

function joined<VThis, VOther, VOut>(
  kind: TableJoinKind,
  joiner: (value: VThis | null, other: VOther | null) => VOut | null,
  value: VThis | null,
  other: VOther | null,
): VOut | null {
  return hasResult(kind, value !== null, other !== null) ? joiner(value, other) : null;
}

function hasResult(kind: TableJoinKind, hasThis: boolean, hasOther: boolean): boolean {
  switch (kind) {
    case 'inner':
      return hasThis && hasOther;
    case 'left':
      return hasThis;
    case 'right':
      return hasOther;
    case 'outer':
      return hasThis || hasOther;
  }
}

/**
 * Whether an update has no effect while the other table has no value: there was no result before,
 * and there is none after it.
 */
const isWithoutEffect = (kind: TableJoinKind, { newValue, oldValue }: Change<unknown>): boolean =>
  kind === 'inner' || kind === 'right' || (newValue === null && oldValue === null);

const laterOf = (one: ValueAndTimestamp<unknown> | null, other: ValueAndTimestamp<unknown> | null): number =>
  Math.max(one?.timestampMs ?? -1, other?.timestampMs ?? -1);

interface TableJoinMergeOptions {
  /** If undefined, the result has no store. */
  readonly storeName: string | undefined;
  readonly sendOldValues: boolean;
}

/** The result of a join of tables, whichever of the two was updated. */
export function tableJoinMergeNode<K, V>(
  { storeName, sendOldValues }: TableJoinMergeOptions,
  context: NodeContext<K, Change<V>>,
): Node<K, Change<V>> {
  const update = ({ newValue, oldValue, isLatest }: Change<V>): Change<V> => ({
    newValue,
    oldValue: sendOldValues ? oldValue : null,
    isLatest,
  });
  if (storeName === undefined) {
    return {
      process({ key, value, timestampMs, headers }) {
        context.forward({ key, value: update(value), timestampMs, headers });
      },
    };
  }
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<V>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value: change, timestampMs, headers }) {
      const { newValue } = change;
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      forward({ key, value: update({ ...change, isLatest: true }), timestampMs, headers });
    },
  };
}

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

  /**
   * Whether updates carry the old value. Valid once the topology is built, since operators
   * downstream may ask for old values.
   */
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
