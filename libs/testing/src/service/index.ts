export { askToErase, eraseSubject, foldedStates, passClosing, tablesWith } from './erasure.ts';
export { runServiceProcess, type ServiceProcess } from './service-process.ts';
export { documentedPosts, repeated, type KeyedPost } from './keyed-posts.ts';
export type { PublishedMessage, SentAttributes } from './test-log.ts';
export {
  openTestService,
  type Json,
  type TestAnswer,
  type TestService,
  type TestServiceOptions,
} from './test-service.ts';
export { openTestStreamApp, type TestStreamApp, type TestStreamAppOptions } from './test-stream-app.ts';
export { until } from '../within.ts';
export {
  answerTo,
  wrongAddresses,
  wrongBodies,
  wrongIntegers,
  wrongNames,
  wrongWords,
  type GoodRequest,
  type WrongInput,
} from './wrong-input.ts';
