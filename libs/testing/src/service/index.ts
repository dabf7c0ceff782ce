export type { ServiceProcess } from './service-process.ts';
export type { PublishedMessage, SentAttributes } from './test-log.ts';
export { openTestService, type Json, type TestAnswer, type TestService, type TestServiceOptions } from './test-service.ts';
export { until } from './until.ts';
