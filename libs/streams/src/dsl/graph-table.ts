import { joinTable, type JoinOfTable } from './operations/join-of-table.ts';
import type { GroupedTableState } from './grouped-table-state.ts';
import { filterTable, mapTableValues } from './operations/derived-tables.ts';
import { groupTable } from './operations/group-table.ts';
import {
  type TransformOptions,
  transformTableValues,
  type ValueTransformer,
} from './operations/transform-table.ts';
import type { Grouped } from './options/grouped.ts';
import type { Materialized } from './options/materialized.ts';
import { suppress } from './operations/suppress.ts';
import { toStream } from './operations/to-stream.ts';
import type { Suppressed } from './options/suppressed.ts';
import { graphState, type TableState } from './stream-state.ts';
import type { KGroupedTable, KStream, KTable } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

export class GraphTable<K, V> implements KTable<K, V> {
  readonly [graphState]: TableState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: TableState<K, V>, wrap: Wrap) {
    this[graphState] = state;
    this.#wrap = wrap;
  }

  get queryableStoreName(): string | undefined {
    return this[graphState].queryableStoreName;
  }

  filter(
    predicate: (key: K, value: V) => boolean,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V> {
    return this.#wrap.table(filterTable(this[graphState], predicate, { materialized, named }));
  }

  filterNot(
    predicate: (key: K, value: V) => boolean,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V> {
    return this.filter((key, value) => !predicate(key, value), materialized, named);
  }

  mapValues<VOut>(
    mapper: (value: V, key: K) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut> {
    return this.#wrap.table(mapTableValues(this[graphState], mapper, { materialized, named }));
  }

  transformValues<VOut>(
    newTransformer: () => ValueTransformer<K, V, VOut>,
    options: TransformOptions<K, VOut> = {},
  ): KTable<K, VOut> {
    return this.#wrap.table(transformTableValues(this[graphState], newTransformer, options));
  }

  groupBy<KOut, VOut>(
    select: (key: K, value: V) => readonly [KOut, VOut],
    grouped?: Grouped<KOut, VOut>,
  ): KGroupedTable<NonNullable<KOut>, NonNullable<VOut>> {
    const known = groupTable(this[graphState], select, grouped);
    return this.#wrap.groupedTable(known as GroupedTableState<NonNullable<KOut>, NonNullable<VOut>>);
  }

  toStream(named?: string): KStream<K, V | null> {
    return this.#wrap.stream(toStream(this[graphState], named));
  }

  // The overloads of these methods are those of the interface.
  join(...join: JoinOfTable): KTable<K, never> {
    return this.#wrap.table(joinTable(this[graphState], 'inner', join));
  }

  leftJoin(...join: JoinOfTable): KTable<K, never> {
    return this.#wrap.table(joinTable(this[graphState], 'left', join));
  }

  outerJoin(...join: JoinOfTable): KTable<K, never> {
    return this.#wrap.table(joinTable(this[graphState], 'outer', join));
  }

  suppress(suppressed: Suppressed): KTable<K, V> {
    return this.#wrap.table(suppress(this[graphState], suppressed));
  }
}
