import type { SuppressBuffer } from '../state/stores.ts';
import type { ReadableTable, TableView } from './table-view.ts';

/** A table behind `suppress`. While an update waits, readers see the value before it, without a time. */
export class SuppressedTable<K, V> implements TableView<K, V> {
  readonly #parent: TableView<K, V>;
  readonly #bufferName: string;

  constructor(parent: TableView<K, V>, bufferName: string) {
    this.#parent = parent;
    this.#bufferName = bufferName;
  }

  readable(): ReadableTable<K, V> {
    const parent = this.#parent.readable();
    return {
      storeNames: [this.#bufferName, ...parent.storeNames],
      valueGetter: (context) => {
        const emitted = parent.valueGetter(context);
        const buffer = context.store<SuppressBuffer<K, V>>(this.#bufferName);
        return (key) => {
          const prior = buffer.priorValue(key);
          if (prior === undefined) return emitted(key);
          return prior === null ? null : { value: prior, timestampMs: -1 };
        };
      },
    };
  }

  enableSendingOldValues(forceMaterialization: boolean): boolean {
    return this.#parent.enableSendingOldValues(forceMaterialization);
  }
}
