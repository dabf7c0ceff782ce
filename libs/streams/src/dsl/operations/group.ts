import { selectKeyNode } from '../../nodes/stateless.ts';
import type { GroupedStreamState } from '../grouped-stream-state.ts';
import type { Grouped } from '../options/grouped.ts';
import type { StreamState } from '../stream-state.ts';
import { addProcessor } from './stateless.ts';

export const groupByKey = <K, V>(
  stream: StreamState<K, V>,
  grouped?: Grouped<K, V>,
): GroupedStreamState<K, V> => ({
  ...stream,
  keySerde: grouped?.keySerde ?? stream.keySerde,
  valueSerde: grouped?.valueSerde ?? stream.valueSerde,
  repartitionName: grouped?.name,
  shared: { repartitionNode: undefined },
});

export function groupBy<K, V, KOut>(
  stream: StreamState<K, V>,
  select: (key: K, value: V) => KOut,
  grouped?: Grouped<KOut, V>,
): GroupedStreamState<KOut, V> {
  const name = stream.graph.names.node('KSTREAM-KEY-SELECT-', grouped?.name);
  return {
    ...stream,
    name,
    node: addProcessor(stream, name, selectKeyNode(select)),
    keySerde: grouped?.keySerde,
    valueSerde: grouped?.valueSerde ?? stream.valueSerde,
    repartitionRequired: true,
    repartitionName: grouped?.name,
    shared: { repartitionNode: undefined },
  };
}
