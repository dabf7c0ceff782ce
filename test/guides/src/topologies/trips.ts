import { consumed, materialized, produced, serdes, StreamsBuilder, type Topology } from '@millrace/streams';

/** Where a car was, in metres on the map of the city. */
export interface TripEvent {
  readonly event: 'started' | 'moved' | 'ended';
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
}

export interface Trip extends TripEvent {
  readonly startedMs: number;
  readonly metres: number;
}

const events = serdes.json<TripEvent>();
export const trips = serdes.json<Trip>();

/** G48, Uber: where each trip is and how far it has come. The trip is the key; a trip that has ended is told once. */
export function tripTracking(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('trip-events', consumed(serdes.string, events))
    .groupByKey()
    .aggregate<Trip | null>(() => null, follow, materialized('trips', { valueSerde: trips }))
    .toStream()
    .filter((_trip, state) => state?.event === 'ended')
    .to('ended-trips', produced(serdes.string, trips));
  return builder.build();
}

/** Events that come after the end, such as a position that was sent late, change nothing. */
function follow(_trip: string, now: TripEvent, before: Trip | null): Trip | null {
  if (before === null) return now.event === 'started' ? { ...now, startedMs: now.atMs, metres: 0 } : null;
  if (before.event === 'ended') return before;
  const metres = before.metres + Math.hypot(now.x - before.x, now.y - before.y);
  return { ...now, startedMs: before.startedMs, metres };
}
