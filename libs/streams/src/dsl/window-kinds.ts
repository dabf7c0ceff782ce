import { type SessionAggregateOptions, sessionAggregateNode } from '../nodes/session-aggregate.ts';
import { slidingAggregateNode } from '../nodes/sliding-aggregate.ts';
import type { ReadableTable } from '../nodes/table-view.ts';
import { windowAggregateNode } from '../nodes/window-aggregate.ts';
import type { Change, ValueAndTimestamp } from '../processor/record.ts';
import type { Node, NodeContext } from '../processor/node.ts';
import type {
  TimeWindows,
  SlidingWindows,
  SessionWindows,
  UnlimitedWindows,
  Windowed,
  EmitStrategy,
} from '../processor/windows.ts';
import type { Serde } from '../serdes/serde.ts';
import { serdes } from '../serdes/serdes.ts';
import type { SessionStoreSpec, WindowStoreSpec } from '../state/store-spec.ts';
import type { SessionStore, WindowStore } from '../state/stores.ts';
import { TopologyError } from '../topology/topology-spec.ts';
import { commonStoreSpec, type StorePlan } from './store-plan.ts';

export type AnyWindows = TimeWindows | UnlimitedWindows | SlidingWindows | SessionWindows;

/** The options of a windowed aggregation of any kind. */
export type WindowedNodeOptions<K, V, A> = Omit<SessionAggregateOptions<K, V, A>, 'windows'>;

/** The node that aggregates a stream by windows of this kind. */
export function windowedNode<K, V, A>(
  windows: AnyWindows,
  aggregation: WindowedNodeOptions<K, V, A>,
  context: NodeContext<Windowed<K>, Change<A>>,
): Node<K, V> {
  switch (windows.kind) {
    case 'time':
    case 'unlimited':
      return windowAggregateNode({ ...aggregation, windows }, context);
    case 'sliding':
      return slidingAggregateNode({ ...aggregation, windows }, context);
    case 'session':
      return sessionAggregateNode({ ...aggregation, windows }, context);
  }
}

/** How long after the end of a window its last record may arrive, as `suppress` counts it. */
export const closeDelayMs = (windows: AnyWindows): number =>
  windows.kind === 'session' ? windows.gapMs + windows.graceMs : windows.graceMs;

export function windowedKeySerde<K>(windows: AnyWindows, inner: Serde<K>): Serde<Windowed<K>> {
  if (windows.kind === 'session') return serdes.sessionWindowed(inner);
  return serdes.timeWindowed(inner, sizeOf(windows));
}

/** Reads the table of a windowed aggregation. The time of a session's value is its end. */
export function readableWindows<K, A>(windows: AnyWindows, storeName: string): ReadableTable<Windowed<K>, A> {
  const storeNames = [storeName];
  if (windows.kind !== 'session') {
    return {
      storeNames,
      valueGetter(context) {
        const store = context.store<WindowStore<K, ValueAndTimestamp<A>>>(storeName);
        return ({ key, window }) => store.fetch(key, window.startMs);
      },
    };
  }
  return {
    storeNames,
    valueGetter(context) {
      const store = context.store<SessionStore<K, A>>(storeName);
      return ({ key, window }) => {
        const value = store.fetchSession(key, window.startMs, window.endMs);
        return value === null ? null : { value, timestampMs: window.endMs };
      };
    },
  };
}

/** The store of a windowed aggregation. Throws if the user's retention is too short for the windows. */
export function windowedStoreSpec<K, A>(
  windows: AnyWindows,
  plan: StorePlan<K, A>,
  emitStrategy: EmitStrategy,
): WindowStoreSpec<K, A> | SessionStoreSpec<K, A> {
  const common = commonStoreSpec(plan);
  const retentionMs = retentionOf(windows, plan);
  const emitsOnClose = emitStrategy === 'on_window_close';
  if (windows.kind === 'time' || windows.kind === 'unlimited') {
    const windowSizeMs = windows.sizeMs;
    return { ...common, ...windowStore, retentionMs, windowSizeMs, emitsOnClose };
  }
  // Kafka Streams does not cache these stores if results are sent at window close.
  const caching = common.caching && !emitsOnClose;
  if (windows.kind === 'session') return { ...common, kind: 'session', caching, retentionMs, emitsOnClose };
  const windowSizeMs = windows.timeDifferenceMs;
  return { ...common, ...windowStore, caching, retentionMs, windowSizeMs, emitsOnClose };
}

const windowStore = { kind: 'window', timestamped: true, retainDuplicates: false } as const;

function retentionOf<K, A>(windows: AnyWindows, { name, materialized }: StorePlan<K, A>): number {
  const leastMs = leastRetentionMs(windows);
  const retentionMs = materialized?.options.retentionMs ?? leastMs;
  if (retentionMs >= leastMs) return retentionMs;
  throw new TopologyError(
    `The store ${name} keeps ${retentionMs} ms, but its windows and their grace period need ${leastMs} ms. ` +
      'Raise retentionMs in materialized(...)',
  );
}

function leastRetentionMs(windows: AnyWindows): number {
  switch (windows.kind) {
    case 'time':
      return windows.sizeMs + windows.graceMs;
    case 'unlimited':
      return foreverMs;
    case 'sliding':
      // A record looks at windows that start up to two time differences before it.
      return 2 * windows.timeDifferenceMs + windows.graceMs;
    case 'session':
      return windows.gapMs + windows.graceMs;
  }
}

/** The largest retention that a topic can have, rounded up. */
const foreverMs = 2 ** 63;

const sizeOf = (windows: TimeWindows | UnlimitedWindows | SlidingWindows): number =>
  windows.kind === 'sliding' ? windows.timeDifferenceMs : windows.sizeMs;
