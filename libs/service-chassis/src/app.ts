/**
 * The entry point for an app without a database, such as a page for operators. It loads no library of
 * the database.
 */
export { alive, LiveAnswers, type LiveMessage } from '@millrace/read-models/live';
export { bootService } from './boot/boot-service.ts';
export { startService, type Page, type RunningService } from './boot/start-service.ts';
export { APP, type AppIdentity } from './ground/config/app-config.ts';
export { ConfigError, readConfig } from './ground/config/read-config.ts';
export { provideLifecycle } from './ground/lifecycle/lifecycle.ts';
export { LOGGER } from './ground/logging/logger.ts';
export { token, type Token } from './ground/provide.ts';
export { HEALTH } from './observability/health/health.ts';
export { BodyBytesMax } from './web/http/body-limit.ts';
export { type RequestGuard } from './web/http/fastify.ts';
export { Live, liveAnswers } from './web/http/live-answers.ts';
export { Describe } from './web/openapi/describe.ts';
export { moduleDocument } from './web/openapi/module-document.ts';
export type { OpenApiDocument } from './web/openapi/openapi.ts';
export { notFound, problemOfKind, ProblemError } from './web/problems/problem.ts';
