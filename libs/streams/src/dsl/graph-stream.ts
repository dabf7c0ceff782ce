import type { TopicExtractor } from '../processor/record.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';
import { groupBy, groupByKey } from './operations/group.ts';
import { joinStream, type JoinOfStream } from './operations/join-of-stream.ts';
import { process, type ProcessOptions, processValues } from './operations/process.ts';
import { repartitionStream } from './repartition.ts';
import { toTable } from './operations/to-table.ts';
import type { Materialized } from './options/stores.ts';
import { to, print, type PrintOptions } from './operations/sink.ts';
import {
  filter,
  flatMap,
  flatMapValues,
  foreach,
  map,
  mapValues,
  merge,
  peek,
  selectKey,
  split,
  branch,
  type SplitState,
} from './operations/stateless.ts';
import type { Produced, Grouped, RepartitionedOptions } from './options/topics.ts';
import { graphState, type StreamState, type GroupedStreamState } from './stream-state.ts';
import type { BranchedKStream, KGroupedStream, KStream, KTable, Branched } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

export class GraphStream<K, V> implements KStream<K, V> {
  readonly [graphState]: StreamState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: StreamState<K, V>, wrap: Wrap) {
    this[graphState] = state;
    this.#wrap = wrap;
  }

  filter(predicate: (key: K, value: V) => boolean, named?: string): KStream<K, V> {
    return this.#wrap.stream(filter(this[graphState], predicate, named));
  }

  filterNot(predicate: (key: K, value: V) => boolean, named?: string): KStream<K, V> {
    return this.filter((key, value) => !predicate(key, value), named);
  }

  map<KOut, VOut>(mapper: (key: K, value: V) => readonly [KOut, VOut], named?: string): KStream<KOut, VOut> {
    return this.#wrap.stream(map(this[graphState], mapper, named));
  }

  mapValues<VOut>(mapper: (value: V, key: K) => VOut, named?: string): KStream<K, VOut> {
    return this.#wrap.stream(mapValues(this[graphState], mapper, named));
  }

  flatMap<KOut, VOut>(
    mapper: (key: K, value: V) => Iterable<readonly [KOut, VOut]>,
    named?: string,
  ): KStream<KOut, VOut> {
    return this.#wrap.stream(flatMap(this[graphState], mapper, named));
  }

  flatMapValues<VOut>(mapper: (value: V, key: K) => Iterable<VOut>, named?: string): KStream<K, VOut> {
    return this.#wrap.stream(flatMapValues(this[graphState], mapper, named));
  }

  selectKey<KOut>(select: (key: K, value: V) => KOut, named?: string): KStream<KOut, V> {
    return this.#wrap.stream(selectKey(this[graphState], select, named));
  }

  peek(look: (key: K, value: V) => void, named?: string): KStream<K, V> {
    return this.#wrap.stream(peek(this[graphState], look, named));
  }

  foreach(act: (key: K, value: V) => void, named?: string): void {
    foreach(this[graphState], act, named);
  }

  merge(other: KStream<K, V>, named?: string): KStream<K, V> {
    return this.#wrap.stream(merge(this[graphState], other[graphState], named));
  }

  split(named?: string): BranchedKStream<K, V> {
    return this.#wrap.branches(split(this[graphState], named));
  }

  repartition(repartitioned: RepartitionedOptions<K, V> = {}): KStream<K, V> {
    return this.#wrap.stream(repartitionStream(this[graphState], repartitioned));
  }

  toTable(materialized?: Materialized<K, V>, named?: string): KTable<K, V> {
    return this.#wrap.table(toTable(this[graphState], { materialized, named }));
  }

  process<KOut, VOut>(
    supplier: ProcessorSupplier<K, V, KOut, VOut>,
    options: ProcessOptions = {},
  ): KStream<KOut, VOut> {
    return this.#wrap.stream(process(this[graphState], supplier, options));
  }

  processValues<VOut>(
    supplier: ProcessorSupplier<K, V, K, VOut>,
    options: ProcessOptions = {},
  ): KStream<K, VOut> {
    return this.#wrap.stream(processValues(this[graphState], supplier, options));
  }

  print(options: PrintOptions<K, V>): void {
    print(this[graphState], options);
  }

  to(topic: string | TopicExtractor<K, V>, produced?: Produced<K, V>): void {
    to(this[graphState], topic, produced);
  }

  groupByKey(grouped?: Grouped<K, V>): KGroupedStream<NonNullable<K>, NonNullable<V>> {
    const stream = this[graphState] as StreamState<NonNullable<K>, NonNullable<V>>;
    return this.#wrap.groupedStream(groupByKey(stream, grouped as Grouped<NonNullable<K>, NonNullable<V>>));
  }

  groupBy<KOut>(
    select: (key: K, value: V) => KOut,
    grouped?: Grouped<KOut, V>,
  ): KGroupedStream<NonNullable<KOut>, NonNullable<V>> {
    const selectKnown = select as (key: K, value: V) => NonNullable<KOut>;
    const known = groupBy(this[graphState], selectKnown, grouped as Grouped<NonNullable<KOut>, V>);
    return this.#wrap.groupedStream(known as GroupedStreamState<NonNullable<KOut>, NonNullable<V>>);
  }

  // The overloads of these methods are those of the interface.
  join(...join: JoinOfStream): KStream<K, never> {
    return this.#wrap.stream(joinStream(this[graphState], { left: false, right: false }, join));
  }

  leftJoin(...join: JoinOfStream): KStream<K, never> {
    return this.#wrap.stream(joinStream(this[graphState], { left: true, right: false }, join));
  }

  outerJoin(...join: JoinOfStream): KStream<K, never> {
    return this.#wrap.stream(joinStream(this[graphState], { left: true, right: true }, join));
  }
}

export class GraphBranches<K, V> implements BranchedKStream<K, V> {
  readonly #split: SplitState<K, V>;
  readonly #wrap: Wrap;
  readonly #branches = new Map<string, KStream<K, V>>();

  constructor(split: SplitState<K, V>, wrap: Wrap) {
    this.#split = split;
    this.#wrap = wrap;
  }

  branch(predicate: (key: K, value: V) => boolean, branched: Branched<K, V> = {}): this {
    this.#add(predicate, branched, this.#split.rules.length + 1);
    return this;
  }

  defaultBranch(branched: Branched<K, V> = {}): ReadonlyMap<string, KStream<K, V>> {
    this.#add(() => true, branched, 0);
    return this.#branches;
  }

  noDefaultBranch(): ReadonlyMap<string, KStream<K, V>> {
    return this.#branches;
  }

  #add(predicate: (key: K, value: V) => boolean, { named, chain }: Branched<K, V>, index: number): void {
    const state = branch(this.#split, predicate, named ?? String(index));
    const stream = this.#wrap.stream(state);
    const result = chain === undefined ? stream : chain(stream);
    if (result !== undefined) this.#branches.set(state.name, result);
  }
}
