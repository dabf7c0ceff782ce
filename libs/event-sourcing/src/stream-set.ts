import type { DomainEvent } from './decider.ts';
import type { AnyFolding, Folding } from './folding.ts';
import type { Recorded } from './recorder.ts';

/**
 * The streams of one decision, under the names that the decision knows them by: each with its decider, and one stream or several of
 * the same kind by an id of the domain's.
 *
 *     { reservation: [reservation, 'reservation-17'], stock: [stock, new Map([['lamp', 'stock-lamp']])] }
 */
export type StreamSet = Readonly<Record<string, readonly [AnyFolding, StreamOrStreams]>>;

type StreamOrStreams = string | ReadonlyMap<string, string>;

/** One for one stream; for several, one for each id. */
type Each<Streams, One> = Streams extends string ? One : ReadonlyMap<string, One>;

type EventOf<F> = F extends Folding<infer Event extends DomainEvent, unknown> ? Event : never;
type StateOf<F> = F extends {
  readonly initialState: unknown;
  evolve(state: infer State, event: never): unknown;
}
  ? State
  : never;

/** What a decision over several streams is made from. */
export type StatesOf<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]: Each<Streams[Name][1], StateOf<Streams[Name][0]>>;
};

/** What it may add to each of them. */
export type EventsOf<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]?: Each<Streams[Name][1], readonly EventOf<Streams[Name][0]>[]>;
};

/** What became of each of them. */
export type RecordedIn<Streams extends StreamSet> = {
  readonly [Name in keyof Streams]: Each<
    Streams[Name][1],
    Recorded<EventOf<Streams[Name][0]>, StateOf<Streams[Name][0]>>
  >;
};

/** One stream of a set; `id` where its name stands for several. */
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

/** The ids of all streams of a set: what a handler locks. */
export const streamIds = (streams: StreamSet): readonly string[] =>
  streamsIn(streams).map(({ stream }) => stream);

/** A value for each stream, in the shape of the set. */
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
