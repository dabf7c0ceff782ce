import type { NodeContext } from '../processor/node.ts';
import type { StreamRecord, Change } from '../processor/record.ts';
import type { StateStore } from '../processor/processor.ts';
import type { CachingStore, FlushedChange } from '../state/stores.ts';

export interface ChangeForwarderOptions<K, V> {
  readonly sendOldValues: boolean;
  /** The only child that gets the updates. If undefined, all children get them. */
  readonly childName?: string | undefined;
  /** The time of an update that the cache has held back. The default is the time of the value. */
  readonly flushedAtMs?: (flushed: FlushedChange<K, V>) => number;
}

/**
 * Returns the function that sends updates of a table downstream. If the store has a cache, updates
 * wait until the cache is flushed.
 */
export function changeForwarder<K, V>(
  context: NodeContext<K, Change<V>>,
  store: StateStore,
  { sendOldValues, childName, flushedAtMs = ({ timestampMs }) => timestampMs }: ChangeForwarderOptions<K, V>,
): (record: StreamRecord<K, Change<V>>) => void {
  const forwardFlushed = (flushed: FlushedChange<K, V>) => {
    const update = {
      key: flushed.key,
      value: flushed.change,
      timestampMs: flushedAtMs(flushed),
      headers: context.headers,
    };
    context.forward(update, childName);
  };
  const cached = isCaching<K, V>(store) && store.onFlush(forwardFlushed, sendOldValues);
  return (record) => {
    if (!cached) context.forward(record, childName);
  };
}

function isCaching<K, V>(store: StateStore): store is StateStore & CachingStore<K, V> {
  return 'onFlush' in store;
}
