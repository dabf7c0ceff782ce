import {
  consumed,
  grouped,
  joined,
  materialized,
  produced,
  serdes,
  sessionWindows,
  slidingWindows,
  timeWindows,
  type Consumed,
  type Grouped,
  type Joined,
  type Materialized,
  type Produced,
} from '@millrace/streams';
import { textStore, type Text } from '../topologies/topology-case.ts';
import type { Call, Store, Windows } from './program.ts';

export const nameOf = ({ isNamed, id }: Call): string | undefined => (isNamed ? `n${id}` : undefined);

/** The start of the names of the stores that a call adds. */
export const storeName = ({ id }: Call): string => `store-${id}`;

export const source = <V extends Text>(call: Call): Consumed<V, V> =>
  consumed<Text, Text>(serdes.string, serdes.string, { name: nameOf(call) }) as Consumed<V, V>;

export const sink = (call: Call): Produced<Text, Text> =>
  produced<Text, Text>(serdes.string, serdes.string, { name: nameOf(call) });

export const grouping = <V extends Text>(call: Call): Grouped<V, V> =>
  grouped<Text, Text>(serdes.string, serdes.string, nameOf(call)) as Grouped<V, V>;

export const joinedWithTable = (call: Call): Joined<Text, Text> =>
  joined<Text, Text>(serdes.string, serdes.string, nameOf(call));

/** Undefined if the call leaves it to the library whether there is a store. */
export const optionalStore = <V extends Text>(
  call: Call,
  store: Store | undefined,
): Materialized<V, V> | undefined =>
  store === undefined
    ? undefined
    : (textStoreOf(call, store) as Materialized<Text, Text> as Materialized<V, V>);

export const textStoreOf = (call: Call, store: Store | undefined): Materialized<string, string> =>
  materialized<string, string>(storeNameOf(call, store), { ...textStore, ...switches(store) });

export const countStoreOf = (call: Call, store: Store | undefined): Materialized<string, number> =>
  materialized<string, number>(storeNameOf(call, store), { keySerde: serdes.string, ...switches(store) });

const storeNameOf = (call: Call, store: Store | undefined): string | undefined =>
  store === undefined || store === 'anonymous' ? undefined : storeName(call);

const switches = (store: Store | undefined) => ({
  caching: store !== 'uncached',
  logging: store !== 'unlogged',
});

export const timeWindowsOf = ({ spanMs, advanceMs, graceMs }: Windows) =>
  timeWindows(spanMs).advanceBy(advanceMs).grace(graceMs);

export const slidingWindowsOf = ({ spanMs, graceMs }: Windows) => slidingWindows(spanMs).grace(graceMs);

export const sessionWindowsOf = ({ spanMs, graceMs }: Windows) => sessionWindows(spanMs).grace(graceMs);
