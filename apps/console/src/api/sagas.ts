import type { HoldsView, SagaDefinitionsView, SagaView } from '@millrace/operations/contract';

/** The data of the page of one saga. */
export interface ShownSaga {
  readonly service: string;
  readonly saga: Omit<SagaView, 'events'>;
  readonly events: SagaView['events'];
}

/** The largest number of earlier events that the page of a saga gets in one answer. */
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

/** The data of the pages about definitions. */
export interface SagaDefinitions {
  readonly services: readonly SagaService[];
  /** The reasons why services did not answer, one sentence each. */
  readonly missing: readonly string[];
}
