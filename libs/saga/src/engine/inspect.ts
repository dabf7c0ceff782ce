import { loadState, type EventStore } from '@millrace/event-sourcing';
import type { Queryable } from '@millrace/streaming-core/postgres';
import { sagaFolding, needsAttention, type Exchange, type Present } from '../decision/state.ts';
import { sagaStream } from '../definition/definition.ts';
import { timersOf, type PendingTimer } from '../postgres/saga-rows.ts';
import type { Definitions } from './definitions.ts';

export type SagaStatus = Present['status'] | 'needs_attention';

export interface InspectedStep {
  readonly name: string;
  /** An answered compensation is `compensated`. */
  readonly status: 'pending' | Exchange['status'] | 'compensated';
  readonly attempts: number;
  /** ISO 8601, UTC. Null until the command was sent. */
  readonly sentAt: string | null;
  /** ISO 8601, UTC. Null until the command was answered. */
  readonly repliedAt: string | null;
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
  const names = definitions.version(definition, version)?.steps.map(({ name }) => name) ?? Object.keys(steps);
  return {
    sagaId,
    definition,
    version,
    status: needsAttention(state) ? 'needs_attention' : status,
    ...('failure' in state ? { reason: state.failure.reason } : {}),
    steps: names.map((name) => stepOf(name, steps[name])),
    timers,
    compensations: Object.entries(compensations).map(([name, exchange]) => {
      const step = stepOf(name, exchange);
      return step.status === 'accepted' ? { ...step, status: 'compensated' } : step;
    }),
  };
}

const stepOf = (name: string, exchange: Exchange | undefined): InspectedStep => ({
  name,
  status: exchange?.status ?? 'pending',
  attempts: exchange?.attempts ?? 0,
  sentAt: exchange?.sentAt ?? null,
  repliedAt: exchange?.repliedAt ?? null,
});
