import {
  consumed,
  grouped,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type Topology,
  untilWindowCloses,
} from '@millrace/streams';

/** G48, LinkedIn: views per page and minute, each figure sent once, when its minute has ended. */
export function pageViewsPerMinute(): Topology {
  const builder = new StreamsBuilder();
  const key = serdes.timeWindowed(serdes.string, minutes(1));
  builder
    .stream('page-views', consumed(serdes.string, serdes.string))
    .groupBy((_member, page) => page, grouped(serdes.string, serdes.string))
    .windowedBy(timeWindows(minutes(1)))
    .count()
    .suppress(untilWindowCloses({ recordsMax: 100_000 }))
    .toStream()
    .to('page-views-per-minute', produced(key, serdes.safeLong));
  return builder.build();
}
