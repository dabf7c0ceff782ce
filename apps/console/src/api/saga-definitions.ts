import type { HoldsView, SagaDefinitionsView } from '@millrace/operations/contract';

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
