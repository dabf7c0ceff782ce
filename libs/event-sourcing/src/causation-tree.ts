import { isUuidV7 } from '@millrace/streaming-core/contract';
import { messageIdOf } from './publish-events.ts';

/** The parts of an event that the tree uses, whatever service has recorded it. */
export interface CausedEvent {
  readonly id: string;
  readonly causationId: string;
}

export interface CausationNode<Event extends CausedEvent> {
  readonly event: Event;
  /** The topic and type of the message that led here from the event above, if it is known. */
  readonly by?: string;
  readonly caused: readonly CausationNode<Event>[];
}

export interface CausationTreeOptions<Event extends CausedEvent> {
  /** The topic and type of every public message, separated by a blank. */
  readonly messageNames: readonly string[];
  /** Returns the ids of messages that an event itself names, such as the commands of a saga. */
  readonly sentBy?: (event: Event) => readonly string[];
}

/** An event leads to few messages of one type. */
const messagesOfOneTypeMax = 8;

/**
 * Arranges the events of one correlation by their causes, those of each cause in the order given.
 * An event whose cause is not among them stands at the top: a request has caused it, or an event of
 * a service that did not answer.
 *
 * Events name the message that caused them, and a message's id is derived from its event (`messageIdOf`)
 * with the same time. So only events of that time are tried.
 */
export function causationTree<Event extends CausedEvent>(
  events: readonly Event[],
  options: CausationTreeOptions<Event>,
): readonly CausationNode<Event>[] {
  const causeOf = causeFinder(events, options);
  const caused = new Map<Event | undefined, { readonly event: Event; readonly by?: string }[]>();
  for (const event of events) {
    const { cause, by } = causeOf(event);
    const same = caused.get(cause) ?? [];
    same.push({ event, ...(by !== undefined && { by }) });
    caused.set(cause, same);
  }
  const nodesOf = (cause: Event | undefined): readonly CausationNode<Event>[] =>
    (caused.get(cause) ?? []).map((node) => ({ ...node, caused: nodesOf(node.event) }));
  return nodesOf(undefined);
}

interface Cause<Event> {
  readonly cause?: Event;
  readonly by?: string;
}

function causeFinder<Event extends CausedEvent>(
  events: readonly Event[],
  { messageNames, sentBy = () => [] }: CausationTreeOptions<Event>,
): (event: Event) => Cause<Event> {
  const sent = events.flatMap((event) => sentBy(event).map((id) => [id, event] as const));
  const senders = new Map(sent.toReversed()); // the first event that names a message has sent it
  const byTime = Map.groupBy(
    events.filter(({ id }) => isUuidV7(id)),
    ({ id }) => timeIn(id),
  );
  return ({ causationId }) => {
    const sender = senders.get(causationId);
    if (sender !== undefined) return { cause: sender };
    for (const cause of byTime.get(timeIn(causationId)) ?? [])
      for (const name of messageNames)
        for (let number = 0; number < messagesOfOneTypeMax; number++)
          if (messageIdOf(cause.id, { name, number }) === causationId) return { cause, by: name };
    return {};
  };
}

/** The digits of a UUIDv7 that hold its time. */
const timeIn = (id: string): string => id.slice(0, 13).toLowerCase();
