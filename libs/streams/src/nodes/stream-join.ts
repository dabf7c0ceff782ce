import type { Node, NodeContext } from '../processor/node.ts';
import type { StreamRecord } from '../processor/record.ts';
import type { JoinSide } from '../serdes/unmatched.ts';
import type { WindowStore } from '../state/stores.ts';
import type { ReadableTable } from './table-view.ts';
import { UnmatchedRecords, type UnmatchedRecord, type UnmatchedRecordsOptions } from './unmatched-records.ts';

/** One side of a join of two streams. Times are in milliseconds. */
export interface StreamJoinSide<K, VThis, VOther, VOut> {
  readonly side: JoinSide;
  readonly joiner: (key: K | null, value: VThis | null, other: VOther | null) => VOut;
  /** How much older than a record of this side its match may be. */
  readonly beforeMs: number;
  /** How much younger than a record of this side its match may be. */
  readonly afterMs: number;
  readonly otherStoreName: string;
  /** Whether a record of this side is emitted without a match once no match can come any more. */
  readonly isOuter: boolean;
  /** The store in which records of both sides wait for a match. Undefined in an inner join. */
  readonly unmatched: UnmatchedRecordsOptions | undefined;
}

/**
 * Joins each record with the records of the other side that are close enough in time. The result
 * has the later time of both.
 */
export class StreamJoinNode<K, VThis, VOther, VOut> implements Node<K | null, VThis | null> {
  readonly #join: StreamJoinSide<K, VThis, VOther, VOut>;
  readonly #context: NodeContext<K | null, VOut>;
  readonly #others: WindowStore<K, VOther>;
  readonly #unmatched: UnmatchedRecords<K, VThis | VOther> | undefined;

  constructor(join: StreamJoinSide<K, VThis, VOther, VOut>, context: NodeContext<K | null, VOut>) {
    this.#join = join;
    this.#context = context;
    this.#others = context.store(join.otherStoreName);
    this.#unmatched = join.unmatched && new UnmatchedRecords(join.unmatched, context);
  }

  process(record: StreamRecord<K | null, VThis | null>): void {
    const { key, value, timestampMs } = record;
    this.#unmatched?.advanceStreamTime(timestampMs);
    if (value === null) return this.#context.drop(key === null ? 'null_key' : 'null_value');
    if (key === null) return this.#withoutKey(record, value);
    if (timestampMs === this.#unmatched?.streamTimeMs) {
      this.#unmatched.emitExpired(this.#join.side, (expired) => this.#emitUnmatched(expired, record));
    }
    const matched = this.#emitMatches(record, key, value);
    if (this.#join.isOuter && !matched) this.#keepUnmatched(record, key, value);
  }

  /** A record without a key matches nothing. */
  #withoutKey({ timestampMs, headers }: StreamRecord, value: VThis): void {
    if (!this.#join.isOuter) return this.#context.drop('null_key');
    this.#context.forward({ key: null, value: this.#join.joiner(null, value, null), timestampMs, headers });
  }

  /** Returns false if there is no match. */
  #emitMatches({ timestampMs, headers }: StreamRecord, key: K, value: VThis): boolean {
    const { side, joiner, beforeMs, afterMs } = this.#join;
    const fromMs = Math.max(0, timestampMs - beforeMs);
    const toMs = Math.max(0, timestampMs + afterMs);
    let matched = false;
    using others = this.#others.fetchRange(key, fromMs, toMs);
    for (const { startMs, value: other } of others) {
      matched = true;
      this.#unmatched?.remove({ timestampMs: startMs, side: side === 'left' ? 'right' : 'left', key });
      const joined = joiner(key, value, other);
      this.#context.forward({ key, value: joined, timestampMs: Math.max(timestampMs, startMs), headers });
    }
    return matched;
  }

  /**
   * Keeps a record that may still find a match. A late record that cannot find one is emitted at
   * once.
   */
  #keepUnmatched({ timestampMs, headers }: StreamRecord, key: K, value: VThis): void {
    const { side, joiner, afterMs } = this.#join;
    if (this.#unmatched === undefined || Math.max(0, timestampMs + afterMs) < this.#unmatched.streamTimeMs) {
      this.#context.forward({ key, value: joiner(key, value, null), timestampMs, headers });
    } else {
      this.#unmatched.add({ timestampMs, side, key, value });
    }
  }

  /** Emits a record without a match, with the headers of the record that advanced the time. */
  #emitUnmatched(expired: UnmatchedRecord<K, VThis | VOther>, { headers }: StreamRecord): void {
    const { key, side, timestampMs, value } = expired;
    const { joiner } = this.#join;
    const joined =
      side === this.#join.side ? joiner(key, value as VThis, null) : joiner(key, null, value as VOther);
    this.#context.forward({ key, value: joined, timestampMs, headers });
  }
}

/**
 * Stores the records of one side of a join of streams for as long as the other side may need them.
 */
export function joinWindowNode<K, V>(
  { storeName }: { readonly storeName: string },
  context: NodeContext<K | null, V>,
): Node<K | null, V> {
  const store = context.store<WindowStore<K, V>>(storeName);
  return {
    process(record) {
      context.forward(record);
      if (record.key !== null) store.put(record.key, record.value, record.timestampMs);
    },
  };
}

interface StreamTableJoin<K, V, KTable, VTable, VOut> {
  readonly table: Pick<ReadableTable<KTable, VTable>, 'valueGetter'>;
  /** Returns the key that a record looks up in the table, or null if it looks up none. */
  readonly tableKeyOf: (key: K, value: V) => KTable | null;
  readonly joiner: (key: K, value: V, tableValue: VTable | null) => VOut;
  /** Whether a record that finds nothing is joined with null. Otherwise it has no effect. */
  readonly isLeft: boolean;
}

/**
 * Joins each record of a stream with the table's value at that moment. Updates of the table emit
 * nothing.
 */
export function streamTableJoinNode<K, V, KTable, VTable, VOut>(
  { table, tableKeyOf, joiner, isLeft }: StreamTableJoin<K, V, KTable, VTable, VOut>,
  context: NodeContext<K, VOut>,
): Node<K, V | null> {
  const valueOf = table.valueGetter(context);
  return {
    process({ key, value, timestampMs, headers }) {
      if (value === null) return context.drop(key === null ? 'null_key' : 'null_value');
      const tableKey = tableKeyOf(key, value);
      if (tableKey === null && !isLeft) return context.drop('null_key');
      const found = tableKey === null ? null : valueOf(tableKey);
      if (found === null && !isLeft) return;
      context.forward({ key, value: joiner(key, value, found?.value ?? null), timestampMs, headers });
    },
  };
}
