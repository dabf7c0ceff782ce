import {
  consumed,
  joinWindows,
  materialized,
  minutes,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '@millrace/streams';

const strings = consumed(serdes.string, serdes.string);
const output = produced(serdes.string, serdes.string);

/** G33: filter, map and count over one stream. */
export function userEvents(): Topology {
  const builder = new StreamsBuilder();
  const events = builder.stream('user-events', strings);
  events.filter((_user, event) => event.includes('click')).to('filtered-events', output);
  events.mapValues((event) => event.toUpperCase()).to('upper-case-events', output);
  events.groupByKey().count(materialized('events-per-user'));
  return builder.build();
}

/** G33: pairs of events of two streams that are at most 5 minutes apart. */
export function joinedEvents(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('left-events', strings)
    .join(builder.stream('right-events', strings), (left, right) => left + right, joinWindows(minutes(5)))
    .to('joined-events', output);
  return builder.build();
}
