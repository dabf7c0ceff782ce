import type { Node, NodeContext } from '../processor/node.ts';
import type { RecordContext, StreamRecord, Change } from '../processor/record.ts';
import type { SuppressBuffer } from '../state/stores.ts';
import type { ReadableTable, TableView } from './table-view.ts';

export interface SuppressOptions<K> {
  readonly storeName: string;
  readonly nodeName: string;
  /** How far the time of the records must pass an update's buffer time before it is emitted. */
  readonly waitMs: number;
  readonly recordsMax: number;
  readonly bytesMax: number;
  readonly whenFull: 'emit_early' | 'shut_down';
  /** Whether to drop a deletion if its value was never emitted. */
  readonly dropsTombstones: boolean;
  bufferTimeMs(key: K, context: RecordContext): number;
}

/**
 * Holds back the updates of a table, and emits the last one per key when it is due (KIP-328). Time
 * is that of the records that arrive here.
 */
export const suppressNode = <K, V>(
  options: SuppressOptions<K>,
  context: NodeContext<K, Change<V>>,
): Node<K, Change<V>> => new Suppress(options, context);

class Suppress<K, V> implements Node<K, Change<V>> {
  readonly #options: SuppressOptions<K>;
  readonly #context: NodeContext<K, Change<V>>;
  readonly #buffer: SuppressBuffer<K, V>;
  #observedMs = -1;

  constructor(options: SuppressOptions<K>, context: NodeContext<K, Change<V>>) {
    this.#options = options;
    this.#context = context;
    this.#buffer = context.store(options.storeName);
  }

  process(record: StreamRecord<K, Change<V>>): void {
    const context = this.#context.recordContext ?? punctuated(record);
    this.#observedMs = Math.max(this.#observedMs, record.timestampMs);
    this.#buffer.put(this.#options.bufferTimeMs(record.key, context), record.key, record.value, context);
    this.#emitDue();
    if (this.#isFull()) this.#makeRoom();
    this.#buffer.requireRoom();
  }

  #emitDue(): void {
    const dueMs = this.#observedMs - this.#options.waitMs;
    let earliestMs = this.#buffer.earliestMs;
    while (earliestMs !== undefined && earliestMs <= dueMs) {
      this.#emitEarliest();
      earliestMs = this.#buffer.earliestMs;
    }
  }

  #makeRoom(): void {
    const { nodeName, whenFull, recordsMax, bytesMax } = this.#options;
    if (whenFull === 'shut_down') {
      throw new SuppressBufferFull(
        `The buffer of ${nodeName} is full: ${this.#buffer.recordCount} of ${recordsMax} records, ` +
          `${this.#buffer.byteCount} of ${bytesMax} bytes. Raise its limits, or let it emit early`,
      );
    }
    while (this.#isFull() && this.#buffer.recordCount > 0) this.#emitEarliest();
  }

  #isFull(): boolean {
    return (
      this.#buffer.recordCount > this.#options.recordsMax || this.#buffer.byteCount > this.#options.bytesMax
    );
  }

  #emitEarliest(): void {
    this.#buffer.takeEarliest(({ key, change, context }) => {
      if (change.newValue === null && this.#options.dropsTombstones) return;
      const { timestampMs, headers } = context;
      this.#context.withRecordContext(context, () =>
        this.#context.forward({ key, value: change, timestampMs, headers }),
      );
    });
  }
}

/** Returns the record context that Kafka Streams gives an update that no record has caused. */
const punctuated = ({ timestampMs, headers }: StreamRecord): RecordContext => ({
  topic: '',
  partition: -1,
  offset: -1n,
  timestampMs,
  headers,
});

class SuppressBufferFull extends Error {
  override readonly name = 'SuppressBufferFull';
}

/**
 * A table after `suppress`. While an update waits, readers see the previous value, without a time.
 */
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
