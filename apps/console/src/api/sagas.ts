import type { HoldsView, SagaDefinitionsView, SagaView } from '@millrace/operations/contract';

/** What the page of one saga shows. */
export interface ShownSaga {
  readonly service: string;
  readonly saga: Omit<SagaView, 'events'>;
  readonly events: SagaView['events'];
}

/** The page of a saga gets this many events before the others at once, at most. */
export const earlierMax = 5_000;

/** Events of a saga, the oldest first. */
export interface EventsBefore {
  readonly events: SagaView['events'];
}

export type KnownDefinition = SagaDefinitionsView['items'][number];
export type Hold = HoldsView['items'][number];

/** A service with sagas. */
export interface SagaService {
  readonly service: string;
  /** Every version that it knows, the newest of each definition first. */
  readonly definitions: readonly KnownDefinition[];
  readonly holds: readonly Hold[];
}

/** What the pages of definitions show. */
export interface SagaDefinitions {
  readonly services: readonly SagaService[];
  /** Why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}
