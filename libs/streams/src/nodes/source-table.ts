import type { Change, ValueAndTimestamp } from '../processor/record.ts';
import type { Node, NodeContext } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';
import { type ReadableTable, type TableView, readableStore } from './table-view.ts';

/** A table of a topic. It gets a store only if it was named or an operator reads it. */
export class SourceTable<K, V> implements TableView<K, V> {
  readonly #storeName: string;
  #isMaterialized: boolean;
  #sendsOldValues = false;

  constructor(storeName: string, isNamed: boolean) {
    this.#storeName = storeName;
    this.#isMaterialized = isNamed;
  }

  /**
   * The name of the store, or undefined if no operator needs one. Valid once the topology is built.
   */
  get storeName(): string | undefined {
    return this.#isMaterialized ? this.#storeName : undefined;
  }

  get sendsOldValues(): boolean {
    return this.#sendsOldValues;
  }

  readable(): ReadableTable<K, V> {
    this.#isMaterialized = true;
    return readableStore(this.#storeName);
  }

  enableSendingOldValues(forceMaterialization: boolean): boolean {
    if (!forceMaterialization && !this.#isMaterialized) return false;
    this.#isMaterialized = true;
    this.#sendsOldValues = true;
    return true;
  }
}

interface TableSourceOptions {
  /** If undefined, the table has no store, and every record is an update. */
  readonly storeName: string | undefined;
  readonly sendOldValues: boolean;
}

/** Turns the records of a topic into updates of a table. A record without a key is dropped. */
export function tableSourceNode<K, V>(
  { storeName, sendOldValues }: TableSourceOptions,
  context: NodeContext<K, Change<V>>,
): Node<K, V | null> {
  if (storeName === undefined) return unstoredSource(context);
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<V>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value, timestampMs, headers }) {
      if (key === null) return context.drop('null_key');
      const oldValue = sendOldValues ? (store.get(key)?.value ?? null) : null;
      store.put(key, value === null ? null : { value, timestampMs });
      forward({ key, value: { newValue: value, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}

const unstoredSource = <K, V>(context: NodeContext<K, Change<V>>): Node<K, V | null> => ({
  process({ key, value, timestampMs, headers }) {
    if (key === null) return context.drop('null_key');
    context.forward({
      key,
      value: { newValue: value, oldValue: null, isLatest: true },
      timestampMs,
      headers,
    });
  },
});
