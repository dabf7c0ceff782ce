import {
  consumed,
  fromValue,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type Topology,
} from '@millrace/streams';

export interface Event {
  /** ISO 8601. */
  readonly createdAt: string;
}

const events = serdes.json<Event>();
const key = serdes.timeWindowed(serdes.string, minutes(5));

/** G35: events per 5 minutes of the time in the event. What comes more than a minute late goes apart. */
export function eventsByEventTime(): Topology {
  const time = fromValue<Event>(({ createdAt }) => Date.parse(createdAt));
  const builder = new StreamsBuilder();
  builder
    .stream('events', consumed(serdes.string, events, { timestampExtractor: time }))
    .groupByKey()
    .windowedBy(timeWindows(minutes(5)).grace(minutes(1)))
    .onLate((late) => late.to('late-events', produced(serdes.string, events)))
    .count()
    .toStream()
    .to('events-per-window', produced(key, serdes.safeLong));
  return builder.build();
}

/** G35: events per 5 minutes of the time when the log took them. Nothing is ever late, or repeatable. */
export function eventsByProcessingTime(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('events', consumed(serdes.string, events))
    .groupByKey()
    .windowedBy(timeWindows(minutes(5)))
    .count()
    .toStream()
    .to('events-per-window', produced(key, serdes.safeLong));
  return builder.build();
}
