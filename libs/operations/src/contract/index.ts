/** The answers and requests of `/ops`, and of `/readyz`: what operators' programs and services agree on. */
export {
  discardRequest,
  letterId,
  letterPlace,
  lettersPage,
  lettersQuery,
  letterView,
  decisionPlace,
  outcomesView,
  reasonsView,
  redriveRequest,
  redrivesMax,
  type LetterFilter,
  type LetterReasons,
  type LetterView,
  type ListedLetter,
  type Outcomes,
} from './dead-letters.ts';
export { erasureRequest, erasureSubject, erasureView, type ErasureView } from './erasures.ts';
export {
  givenUpView,
  giveUpRequest,
  lagsView,
  outboxView,
  parkedPage,
  parkedPlace,
  parkedPosition,
  parkedQuery,
  retryRequest,
  triedView,
  type GivenUpView,
  type LagsView,
  type OutboxView,
  type ParkedPage,
} from './messaging.ts';
export { pageLimitMax, pageOf, pageQuery, reason } from './pages.ts';
export { readiness, type Readiness, type ReadinessCheck } from './readiness.ts';
export { projectionName, rebuildAction, rebuildsView, type RebuildsView } from './streams.ts';
export {
  sagaAction,
  sagaId,
  sagaPlace,
  sagasPage,
  sagasQuery,
  sagaView,
  type SagaView,
  type SagasPage,
} from './sagas.ts';
export {
  correlationId,
  correlationQuery,
  correlationView,
  differenceQuery,
  differenceView,
  historyItem,
  historyPage,
  stateQuery,
  stateView,
  streamId,
  streamQuery,
  versionOrTime,
  type CorrelationView,
  type DifferenceView,
  type HistoryItem,
  type HistoryPage,
  type StateView,
} from './streams.ts';
