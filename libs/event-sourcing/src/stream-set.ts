import type { DomainEvent } from './decider.ts';
import type { AnyFolding, Folding } from './folding.ts';
import type { Recorded } from './recorder.ts';

/**
 * The streams of one decision, by the names that the decision gives them. Each name has a decider,
 * and either one stream or several of the same kind, by ids of the domain.
 *
 *     {
 *       reservation: [reservation, 'reservation-17'],
 *       stock: [stock, new Map([['lamp', 'stock-lamp']])],
 *     }
 */
export type StreamSet = Readonly<Record<string, readonly [AnyFolding, StreamOrStreams]>>;

type StreamOrStreams = string | ReadonlyMap<string, string>;

/** One value for a single stream, or one for each id of several streams. */
type Each<Streams, One> = Streams extends string ? One : ReadonlyMap<string, One>;

type EventOf<F> = F extends Folding<infer Event extends DomainEvent, unknown> ? Event : never;
type StateOf<F> = F extends {
  readonly initialState: unknown;
  evolve(state: infer State, event: never): unknown;
}
  ? State
  : never;

/** The states that a decision over several streams sees. */
export type StatesOf<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]: Each<Streams[Name][1], StateOf<Streams[Name][0]>>;
};

/** The events that the decision may add to each stream. */
export type EventsOf<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]?: Each<Streams[Name][1], readonly EventOf<Streams[Name][0]>[]>;
};

/** Each stream after the decision. */
export type RecordedIn<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]: Each<
    Streams[Name][1],
    Recorded<EventOf<Streams[Name][0]>, StateOf<Streams[Name][0]>>
  >;
};

/** One stream of a set. It has an `id` if its name stands for several streams. */
export interface NamedStream {
  readonly name: string;
  readonly id?: string;
  readonly stream: string;
  readonly decider: AnyFolding;
}

export const streamsIn = (streams: StreamSet): readonly NamedStream[] =>
  Object.entries(streams).flatMap(([name, [decider, where]]): NamedStream[] =>
    typeof where === 'string'
      ? [{ name, stream: where, decider }]
      : [...where].map(([id, stream]) => ({ name, id, stream, decider })),
  );

/** Returns the ids of all streams of a set, which a handler has to lock. */
export const streamIds = (streams: StreamSet): readonly string[] =>
  streamsIn(streams).map(({ stream }) => stream);

/** Builds an object in the shape of the set, with a value for each stream. */
export const inShapeOf = <Value>(
  streams: StreamSet,
  valueOf: (stream: string) => Value,
): Readonly<Record<string, Value | ReadonlyMap<string, Value>>> =>
  Object.fromEntries(
    Object.entries(streams).map(([name, [, where]]) => [
      name,
      typeof where === 'string'
        ? valueOf(where)
        : new Map([...where].map(([id, stream]) => [id, valueOf(stream)])),
    ]),
  );
