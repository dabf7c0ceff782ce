import {
  consumed,
  grouped,
  joinWindows,
  materialized,
  produced,
  seconds,
  serdes,
  sessionWindows,
  streamJoined,
  StreamsBuilder,
  timeWindows,
  type Topology,
  untilWindowCloses,
} from '@millrace/streams';

const text = serdes.string;
const counted = serdes.safeLong;
const windowMs = seconds(10);
const windowed = produced(serdes.timeWindowed(text, windowMs), counted);

/** The topology of java/ExchangeTopology.java, with a store of each kind. */
export function exchangeTopology(application: string): Topology {
  const builder = new StreamsBuilder();
  counts(builder, application);
  words(builder, application);
  pairs(builder, application);
  tables(builder, application);
  times(builder, application);
  return builder.build();
}

function counts(builder: StreamsBuilder, application: string): void {
  const events = builder.stream('events', consumed(text, text)).groupByKey(grouped(text, text));
  events.count(materialized('counts')).toStream().to(`${application}-out-counts`, produced(text, counted));
  const windows = events.windowedBy(timeWindows(windowMs).grace(seconds(3))).count(materialized('windows'));
  windows.toStream().to(`${application}-out-windows`, windowed);
  windows
    .suppress(untilWindowCloses({ name: 'closed' }))
    .toStream()
    .to(`${application}-out-closed`, windowed);
  events
    .windowedBy(sessionWindows(seconds(4)).grace(seconds(3)))
    .count(materialized('sessions'))
    .toStream()
    .to(`${application}-out-sessions`, produced(serdes.sessionWindowed(text), counted));
}

function words(builder: StreamsBuilder, application: string): void {
  builder
    .stream('lines', consumed(text, text))
    .flatMapValues((line) => line.split(' '))
    .groupBy((_key, word) => word, grouped(text, text, 'by-word'))
    .count(materialized('words'))
    .toStream()
    .to(`${application}-out-words`, produced(text, counted));
}

function pairs(builder: StreamsBuilder, application: string): void {
  builder
    .stream('left', consumed(text, text))
    .leftJoin(
      builder.stream('right', consumed(text, text)),
      (left, right) => `${left}+${right}`,
      joinWindows(seconds(3)).grace(seconds(2)),
      streamJoined({
        keySerde: text,
        valueSerde: text,
        otherValueSerde: text,
        name: 'pairs',
        storeName: 'pairs',
      }),
    )
    .to(`${application}-out-pairs`, produced(text, text));
}

function tables(builder: StreamsBuilder, application: string): void {
  const one = builder.table('one', consumed(text, text), materialized('one-table'));
  const other = builder.table('other', consumed(text, text), materialized('other-table'));
  one
    .leftJoin(
      other,
      (left, right) => `${left}+${right}`,
      materialized('both', { keySerde: text, valueSerde: text }),
    )
    .toStream()
    .to(`${application}-out-both`, produced(text, text));
}

/** A value with a question mark has the time of the partition, which survives in the commit's metadata. */
function times(builder: StreamsBuilder, application: string): void {
  const timestampExtractor = (
    record: { readonly value: string; readonly timestampMs: number },
    partitionTimeMs: number,
  ) => (record.value.startsWith('?') ? partitionTimeMs : record.timestampMs);
  builder
    .stream('times', consumed(text, text, { timestampExtractor }))
    .to(`${application}-out-times`, produced(text, text));
}
