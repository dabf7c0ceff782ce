import {
  consumed,
  grouped,
  javaSplit,
  joinWindows,
  materialized,
  minutes,
  produced,
  seconds,
  serdes,
  streamJoined,
  StreamsBuilder,
  timeWindows,
  type Topology,
} from '@millrace/streams';
import { restoredStore, type WorkloadName } from './workloads.ts';

const text = serdes.string;
const windowMs = minutes(1);

/** The topologies of java/Topologies.java. */
const builders: Readonly<Record<WorkloadName, (builder: StreamsBuilder, output: string) => void>> = {
  'word-count': (builder, output) =>
    builder
      .stream('lines', consumed(text, text))
      .flatMapValues((line) => javaSplit(line.toLowerCase(), /\W+/))
      .groupBy((_key, word) => word, grouped(text, text))
      .count(materialized('counts'))
      .toStream()
      .to(output, produced(text, serdes.safeLong)),
  'tumbling-count': (builder, output) =>
    builder
      .stream('events', consumed(text, text))
      .groupByKey(grouped(text, text))
      .windowedBy(timeWindows(windowMs).grace(seconds(10)))
      .count(materialized('per-minute'))
      .toStream()
      .to(output, produced(serdes.timeWindowed(text, windowMs), serdes.safeLong)),
  'stream-join': (builder, output) =>
    builder
      .stream('left', consumed(text, text))
      .join(
        builder.stream('right', consumed(text, text)),
        (left, right) => left + right,
        joinWindows(500).grace(seconds(10)),
        streamJoined({ keySerde: text, valueSerde: text, otherValueSerde: text, storeName: 'pairs' }),
      )
      .to(output, produced(text, text)),
  restore: (builder) =>
    void builder
      .stream('changes', consumed(text, text))
      .groupByKey(grouped(text, text))
      .reduce((_before, value) => value, materialized(restoredStore)),
};

export function topologyOf(name: WorkloadName, output: string): Topology {
  const builder = new StreamsBuilder();
  builders[name](builder, output);
  return builder.build();
}
