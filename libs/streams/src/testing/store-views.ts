import type { ValueAndTimestamp } from '../processor/record.ts';
import { KeyValueView, WindowView, SessionView } from '../queries/views.ts';
import { storedValue, valueWithoutTime } from '../queries/local-stores.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { StateStore } from '../processor/processor.ts';
import type { ReadOnlyKeyValueStore, ReadOnlySessionStore, ReadOnlyWindowStore } from '../state/stores.ts';
import type { Topology } from '../topology/topology.ts';

type Kind = StoreSpec['kind'];

/** The stores of a topology under test, as its users see them. They stay valid over a crash. */
export class StoreViews {
  readonly #specs = new Map<string, StoreSpec>();
  readonly #find: (name: string) => StateStore;

  constructor({ subTopologies, globalStores }: Topology, find: (name: string) => StateStore) {
    const specs = [
      ...subTopologies.flatMap(({ stores }) => stores),
      ...globalStores.map(({ store }) => store),
    ];
    for (const spec of specs) this.#specs.set(spec.name, spec);
    this.#find = find;
  }

  keyValue<K, V>(name: string): ReadOnlyKeyValueStore<K, V> {
    if (!this.#isTimestamped(name, 'key_value'))
      return new KeyValueView<K, V, V>(this.#local(name), storedValue);
    return new KeyValueView<K, ValueAndTimestamp<V>, V>(this.#local(name), valueWithoutTime);
  }

  timestampedKeyValue<K, V>(name: string): ReadOnlyKeyValueStore<K, ValueAndTimestamp<V>> {
    this.#requireTimes(name, 'key_value');
    return new KeyValueView<K, ValueAndTimestamp<V>, ValueAndTimestamp<V>>(this.#local(name), storedValue);
  }

  window<K, V>(name: string): ReadOnlyWindowStore<K, V> {
    if (!this.#isTimestamped(name, 'window')) return new WindowView<K, V, V>(this.#local(name), storedValue);
    return new WindowView<K, ValueAndTimestamp<V>, V>(this.#local(name), valueWithoutTime);
  }

  timestampedWindow<K, V>(name: string): ReadOnlyWindowStore<K, ValueAndTimestamp<V>> {
    this.#requireTimes(name, 'window');
    return new WindowView<K, ValueAndTimestamp<V>, ValueAndTimestamp<V>>(this.#local(name), storedValue);
  }

  session<K, V>(name: string): ReadOnlySessionStore<K, V> {
    this.#specOf(name, 'session');
    return new SessionView<K, V>(this.#local(name));
  }

  #local<S extends StateStore>(name: string): { readonly name: string; readonly stores: () => readonly S[] } {
    return { name, stores: () => [this.#find(name) as S] };
  }

  #requireTimes(name: string, kind: Kind): void {
    if (!this.#isTimestamped(name, kind)) throw new TypeError(`The values of the store ${name} have no time`);
  }

  #isTimestamped(name: string, kind: Kind): boolean {
    const spec = this.#specOf(name, kind);
    return 'timestamped' in spec && spec.timestamped;
  }

  #specOf(name: string, kind: Kind): StoreSpec {
    const spec = this.#specs.get(name);
    if (spec === undefined) {
      const names = [...this.#specs.keys()].join(', ');
      throw new TypeError(`The topology has no store ${name}. Its stores: ${names === '' ? 'none' : names}`);
    }
    if (spec.kind !== kind)
      throw new TypeError(`The store ${name} is a ${spec.kind} store, not a ${kind} store`);
    return spec;
  }
}
