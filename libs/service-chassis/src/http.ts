/**
 * The entry point for the controllers of a service: descriptions, pages, problems, histories, live
 * events and reads that wait.
 */
export { asOfQuery, readOptionsOf, type AsOf } from './modules/events/history.ts';
export { historyItem, historyPage } from '@millrace/operations/contract';
export { currentRequest } from './modules/events/command-handler.ts';
export { alive, LiveAnswers, type LiveMessage } from '@millrace/read-models/live';
export { LongLived } from './web/http/admission.ts';
export { Live, liveAnswers } from './web/http/live-answers.ts';
export { Describe } from './web/openapi/describe.ts';
export { pageOf, pageQuery, readPage, type Page } from './web/http/pagination.ts';
export { notFound, ProblemError, type FieldError, type ProblemKind } from './web/problems/problem.ts';
export { IdempotencyModule } from './web/idempotency/idempotency.module.ts';
export {
  LIVE_EVENTS,
  OpenedLiveEvents,
  openInGuard,
  VERSION_WAITS,
} from './modules/events/live-providers.ts';
export { READ_ENTITIES, type ReadEntities } from './modules/read-models/read-database.ts';
export { READ_WAITS, type ReadWaits } from './modules/read-models/read-model.module.ts';
