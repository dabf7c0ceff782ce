/**
 * The entry point for the controllers of a service: descriptions, pages, problems, histories, live
 * events and reads that wait.
 */
export { asOfQuery, readOptionsOf, type AsOf } from './modules/events/as-of.ts';
export { historyItem, historyPage } from '@millrace/operations/contract';
export { currentRequest } from './modules/events/streams.ts';
export { LongLived } from './web/http/admission.ts';
export { Describe } from './web/openapi/describe.ts';
export { pageOf, pageQuery, type Page } from './web/http/pagination.ts';
export { notFound, ProblemError, type FieldError } from './web/problems/problem.ts';
export { IdempotencyModule } from './web/idempotency/idempotency.module.ts';
export { LIVE_EVENTS, type LiveEvents } from './live/live-events.ts';
export {
  createVersionWaits,
  VERSION_WAITS,
  waitQuery,
  type VersionWait,
  type VersionWaits,
} from './live/version-waits.ts';
export { READ_WAITS, type ReadWaits } from './read-model/read-model.module.ts';
export { viewsOf, type ViewOf, type Views } from './read-model/views.ts';
