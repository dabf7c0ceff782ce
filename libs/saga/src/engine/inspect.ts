import { loadState, type EventStore } from '@millrace/event-sourcing';
import type { Queryable } from '@millrace/streaming-core/postgres';
import type { TimerRole } from '../decision/decide.ts';
import {
  repliesTo,
  sagaStream,
  stepOf,
  stepsOf,
  waitsOf,
  type SagaDefinition,
} from '../definition/definition.ts';
import { timersOf, type PendingTimer } from '../postgres/saga-rows.ts';
import type { Definitions } from './definitions.ts';
import type { HoldsOfSaga } from './holds.ts';
import { sagaFolding } from '../decision/evolve.ts';
import {
  type Awaited,
  type Exchange,
  type Present,
  needsAttention,
  awaited,
  openWaits,
} from '../decision/state.ts';

export type SagaStatus = Present['status'] | 'needs_attention';

export interface InspectedStep {
  readonly name: string;
  /** An answered compensation is `compensated`. A command that an operator holds back is `withheld`. */
  readonly status: 'pending' | Exchange['status'] | 'compensated' | 'withheld';
  readonly attempts: number;
  /** ISO 8601, UTC. Null until the command was sent. */
  readonly sentAt: string | null;
  /** ISO 8601, UTC. Null until the command was answered. */
  readonly repliedAt: string | null;
}

export interface InspectedWait {
  readonly name: string;
  /** `over`: a delay has ended, or the message of a wait has not come in time. */
  readonly status: 'open' | 'received' | 'refused' | 'over';
  /** ISO 8601, UTC. Null unless it is open. */
  readonly until: string | null;
}

/** One thing that a saga waits for. */
export interface WaitedReply {
  readonly step: string;
  readonly role: Exclude<TimerRole, 'deadline'>;
  /** The id of the command or of the wait. */
  readonly commandId: string;
  /** The types of the messages that end the waiting. */
  readonly replies: readonly string[];
  /**
   * When the saga continues without any of them (ISO 8601, UTC). Null while it is paused or held
   * back.
   */
  readonly until: string | null;
  /** Why the saga waits, and what happens then, as a sentence. */
  readonly why: string;
}

export interface InspectedSaga {
  readonly sagaId: string;
  readonly definition: string;
  readonly version: number;
  readonly status: SagaStatus;
  /** The reason why the saga is compensated. */
  readonly reason?: string;
  /** The steps in the order of the definition. */
  readonly steps: readonly InspectedStep[];
  readonly timers: readonly PendingTimer[];
  /** The delays and waits that the saga has come to. */
  readonly waits: readonly InspectedWait[];
  /** The paths that it has taken. */
  readonly branches: Readonly<Record<string, 'then' | 'otherwise'>>;
  /** The compensations in the order in which they were sent. */
  readonly compensations: readonly InspectedStep[];
}

/** Sagas of several definitions may have the same id. */
export interface SagaName {
  readonly definition: string;
  readonly sagaId: string;
}

export type InspectSaga = (transaction: Queryable, name: SagaName) => Promise<InspectedSaga | undefined>;

/** Folds a saga's stream into a description of its progress. */
export function sagaInspector(store: EventStore, definitions: Definitions): InspectSaga {
  return async (transaction, { definition, sagaId }) => {
    const { state } = await loadState(transaction, store, sagaFolding, sagaStream(definition, sagaId));
    if (state.status === 'absent') return undefined;
    return inspected(definitions, state, await timersOf(transaction, definition, sagaId));
  };
}

export function inspected(
  definitions: Definitions,
  state: Present,
  timers: readonly PendingTimer[],
): InspectedSaga {
  const { sagaId, definition, version, status, steps, compensations } = state;
  const known = definitions.version(definition, version);
  const names = known === undefined ? Object.keys(steps) : stepsOf(known).map(({ name }) => name);
  const progressOf = (role: TimerRole, name: string, exchange: Exchange | undefined) =>
    progress(name, exchange, isWithheld(timers, role, name));
  return {
    sagaId,
    definition,
    version,
    status: needsAttention(state) ? 'needs_attention' : status,
    ...('failure' in state ? { reason: state.failure.reason } : {}),
    steps: names.map((name) => progressOf('step', name, steps[name])),
    timers,
    waits: Object.entries(state.waits ?? {}).map(([name, wait]) => ({
      name,
      status: wait.status,
      until: wait.status === 'open' ? wait.until : null,
    })),
    branches: state.branches ?? {},
    compensations: Object.entries(compensations).map(([name, exchange]) => {
      const step = progressOf('compensation', name, exchange);
      return step.status === 'accepted' ? { ...step, status: 'compensated' } : step;
    }),
  };
}

const isWithheld = (timers: readonly PendingTimer[], role: TimerRole, name: string): boolean =>
  timers.some(({ kind, step, withheld }) => withheld && kind === role && step === name);

/** The last attempt of a command that is held back was not made. */
function progress(name: string, exchange: Exchange | undefined, withheld: boolean): InspectedStep {
  if (exchange === undefined) return { name, status: 'pending', attempts: 0, sentAt: null, repliedAt: null };
  const attempts = withheld ? exchange.attempts - 1 : exchange.attempts;
  return {
    name,
    status: withheld ? 'withheld' : exchange.status,
    attempts,
    sentAt: attempts === 0 ? null : exchange.sentAt,
    repliedAt: exchange.repliedAt ?? null,
  };
}

/** Returns what a saga waits for, each with the reason and the moment until which it waits. */
export function waitsFor(
  definitions: Definitions,
  state: Present,
  timers: readonly PendingTimer[],
  isHeld: HoldsOfSaga['isHeld'],
): readonly WaitedReply[] {
  const definition = definitions.version(state.definition, state.version);
  const { paused } = state;
  const dueAt = (role: string, step: string) =>
    timers.find((timer) => timer.kind === role && timer.step === step)?.dueAt ?? null;
  const because = (sentence: string) =>
    paused === undefined ? sentence : `${paused.actor} has paused the saga: ${paused.reason}`;
  return [
    ...awaited(state).map((waits) => {
      const withheld = isWithheld(timers, waits.role, waits.step);
      const held = isHeld(waits.role, waits.step);
      const replies = definition === undefined ? [] : repliesTo(definition, waits);
      return {
        step: waits.step,
        role: waits.role,
        commandId: waits.exchange.commandId,
        replies: replies.map(({ declaration }) => declaration.type),
        until: withheld || held ? null : dueAt(waits.role, waits.step),
        why: because(
          withheld
            ? 'An operator holds the command back, so it was not sent. It is sent once the hold is released'
            : whyCommand(definition, waits, held),
        ),
      };
    }),
    ...openWaits(state).map(({ name, wait: { kind, waitId, until } }) => {
      const messages = definition === undefined ? [] : messagesOfWait(definition, name);
      const held = isHeld(kind, name);
      const then = held
        ? 'An operator holds it back, so the time does not end before the release'
        : kind === 'delay'
          ? 'Then it goes on'
          : 'If it does not come, the saga takes the path of the timeout';
      const what = kind === 'delay' ? 'for a time' : `for ${messages.join(' or ')} from outside`;
      const why = because(`The saga waits ${what}. ${then}`);
      return {
        step: name,
        role: kind,
        commandId: waitId,
        replies: messages,
        until: paused || held ? null : until,
        why,
      };
    }),
  ];
}

const messagesOfWait = (definition: SagaDefinition, name: string): readonly string[] =>
  waitsOf(definition).flatMap((wait) =>
    wait.name === name ? [wait.event.type, ...(wait.refused === undefined ? [] : [wait.refused.type])] : [],
  );

function whyCommand(
  definition: SagaDefinition | undefined,
  { role, step, exchange }: Awaited,
  held: boolean,
): string {
  const times = exchange.attempts === 1 ? 'once' : `${exchange.attempts} times`;
  const undoes =
    role === 'compensation' ? 'the command that undoes ' : role === 'closing' ? 'the last command ' : '';
  const sent = `The saga has sent ${undoes}${role === 'closing' ? '' : step} ${times} and has no reply`;
  const isGivenUp =
    role === 'step' && definition !== undefined && stepOf(definition, step)?.kind === 'compensatable';
  if (held)
    return isGivenUp
      ? `${sent}. An operator holds it back, so it is neither sent again nor given up before the release`
      : `${sent}. An operator holds it back, so it is not sent again before the release`;
  return isGivenUp
    ? `${sent}. Then it sends the command again, or gives the step up and undoes everything`
    : `${sent}. Then it sends the command again, until there is one`;
}
