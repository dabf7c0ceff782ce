import { causationTree, type CausationNode, type CausedEvent } from '@millrace/event-sourcing';
import type { CorrelationView } from '../contract/index.ts';
import { askReachable } from './ask-services.ts';
import type { OpsClient } from './ops-client.ts';

/** An event of one of the services, as the operator API shows it. */
export interface CorrelatedEvent extends CausedEvent {
  readonly service: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly recordedAt: string;
  readonly correlationId: string;
  readonly actor?: string;
}

export interface Correlation {
  /** By time. Events of one service stay in the order in which it recorded them. */
  readonly events: readonly CorrelatedEvent[];
  /** Why events may be missing, one sentence each. */
  readonly gaps: readonly string[];
}

/** Asks every service for its events of a correlation. */
export async function readCorrelation(clients: readonly OpsClient[], id: string): Promise<Correlation> {
  const { found, missing } = await askReachable(clients, async ({ get }) => {
    const { body } = await get<CorrelationView>(`/ops/correlations/${encodeURIComponent(id)}`);
    return body;
  });
  const events = found.flatMap(({ service, items }) =>
    items.map(({ eventId, ...event }) => ({ ...event, id: eventId, service })),
  );
  const cut = found.filter(({ complete }) => !complete);
  return {
    events: events.sort((one, other) => Date.parse(one.recordedAt) - Date.parse(other.recordedAt)),
    gaps: [...missing, ...cut.map(({ service }) => `${service} has more events of correlation ${id}`)],
  };
}

interface Caused extends CausedEvent {
  readonly data: CorrelatedEvent['data'];
}

/**
 * Arranges events by their causes. `messageNames` are the topic and type of every public message;
 * `sentBy` returns the ids of messages that an event is known to have sent.
 */
export const treeOfEvents = <Event extends Caused>(
  events: readonly Event[],
  messageNames: readonly string[],
  sentBy: (event: Event) => readonly string[] = () => [],
): readonly CausationNode<Event>[] =>
  causationTree(events, { messageNames, sentBy: (event) => [...commandIdsIn(event), ...sentBy(event)] });

/** The commands that an event of a saga names. */
const commandIdsIn = ({ data }: Caused): readonly string[] =>
  typeof data['commandId'] === 'string' ? [data['commandId']] : [];

/** A line of a drawn tree. `branch` stands before the event. */
export interface Branch<Event extends CausedEvent> {
  readonly branch: string;
  readonly event: Event;
  readonly by: string | undefined;
  /** The event one level above. */
  readonly cause: Event | undefined;
}

/** Draws the tree from the top, each event below the one that caused it. */
export const branchesOf = <Event extends CausedEvent>(
  nodes: readonly CausationNode<Event>[],
): readonly Branch<Event>[] =>
  nodes.flatMap((node) => [
    { branch: '', event: node.event, by: node.by, cause: undefined },
    ...below(node, ''),
  ]);

const below = <Event extends CausedEvent>(
  { event: cause, caused }: CausationNode<Event>,
  margin: string,
): readonly Branch<Event>[] =>
  caused.flatMap((node, index) => {
    const isLast = index === caused.length - 1;
    const own = { branch: `${margin}${isLast ? '└─ ' : '├─ '}`, event: node.event, by: node.by, cause };
    return [own, ...below(node, `${margin}${isLast ? '   ' : '│  '}`)];
  });
