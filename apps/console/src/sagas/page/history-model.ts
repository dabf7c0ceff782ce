import type { SagaView } from '@millrace/operations/contract';

type SagaEvent = SagaView['events'][number];

/** Events of a saga without a gap, the oldest first, as far as the page has read them. */
export interface History {
  /** The version of the first of them. Those of a saga are counted from 1. */
  readonly first: number;
  readonly events: readonly SagaEvent[];
}

/** The page holds no more events than this, the latest ones. */
export const eventsMax = 20_000;

/** Takes the latest events of a saga, and keeps the earlier ones that were read already. */
export function withLatest(
  before: History | undefined,
  latest: readonly SagaEvent[],
  streamVersion: number,
): History {
  const first = streamVersion - latest.length + 1;
  const kept = first - (before?.first ?? first);
  if (before === undefined || kept <= 0 || kept > before.events.length) return { first, events: latest };
  return bounded({ first: before.first, events: [...before.events.slice(0, kept), ...latest] });
}

/**
 * Takes the events directly before version `of`, unless others have been added before it in the
 * meantime.
 */
export const withEarlier = (history: History, earlier: readonly SagaEvent[], of: number): History =>
  history.first === of
    ? bounded({ first: of - earlier.length, events: [...earlier, ...history.events] })
    : history;

function bounded({ first, events }: History): History {
  const dropped = Math.max(0, events.length - eventsMax);
  return dropped === 0 ? { first, events } : { first: first + dropped, events: events.slice(dropped) };
}

/** How many events before these the page can still show. */
export const earlierOf = ({ first, events }: History): number =>
  Math.min(first - 1, eventsMax - events.length);
