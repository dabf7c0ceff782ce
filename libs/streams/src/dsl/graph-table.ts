import { joinTable, type JoinOfTable } from './operations/join-of-table.ts';
import { toStream } from './operations/to-stream.ts';
import { graphState, type TableState } from './stream-state.ts';
import type { KStream, KTable } from './streams-and-tables.ts';
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
}
