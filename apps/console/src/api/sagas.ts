import type { SagaView } from '@millrace/operations/contract';

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
