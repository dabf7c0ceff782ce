import { branch, type SplitState } from './operations/split.ts';
import type { Branched, BranchedKStream, KStream } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

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
