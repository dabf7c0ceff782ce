import {
  consumed,
  minutes,
  produced,
  serdes,
  sessionWindows,
  type SessionWindows,
  slidingWindows,
  type SlidingWindows,
  StreamsBuilder,
  timeWindows,
  type TimeWindows,
  type Topology,
} from '@millrace/streams';

const strings = consumed(serdes.string, serdes.string);

/** G34: 00:00-00:05, 00:05-00:10 and so on. */
export const tumbling = timeWindows(minutes(5));
/** The guide's caption: the last 5 minutes, updated every minute. Its picture updates every 2 minutes. */
export const hopping = (everyMinutes: number): TimeWindows => tumbling.advanceBy(minutes(everyMinutes));
/** The guide's code: events at most 5 minutes apart. */
export const sliding = slidingWindows(minutes(5));
/** The activity of a user, until there was none for 30 minutes. */
export const activity = sessionWindows(minutes(30));

/** G34: orders per window. */
export function ordersPer(windows: TimeWindows | SlidingWindows): Topology {
  const builder = new StreamsBuilder();
  const key = serdes.timeWindowed(serdes.string, minutes(5));
  builder
    .stream('orders', strings)
    .groupByKey()
    .windowedBy(windows)
    .count()
    .toStream()
    .to('orders-per-window', produced(key, serdes.safeLong));
  return builder.build();
}

/** G34: events per session of a user. A session that grows takes the place of the shorter one. */
export function userSessions(windows: SessionWindows): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('user-activity', strings)
    .groupByKey()
    .windowedBy(windows)
    .count()
    .toStream()
    .to('user-sessions', produced(serdes.sessionWindowed(serdes.string), serdes.safeLong));
  return builder.build();
}
