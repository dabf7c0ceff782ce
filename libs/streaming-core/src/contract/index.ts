export { pause, systemClock, type Clock } from './clock.ts';
export { withDeadline } from './deadline.ts';
export { days, hours, milliseconds, minutes, seconds, type DurationMs } from './duration.ts';
export { silentLogger, type Logger } from './logger.ts';
export { oneByOne } from './one-by-one.ts';
export { RetryLog, type RetryLogOptions } from './retry-log.ts';
export { topic } from './topic.ts';
export type {
  Message,
  MessageDeclaration,
  MessageOf,
  MessagesOf,
  MessageType,
  Topic,
  TopicDeclaration,
  TopicOptions,
} from './topic.ts';
export { streamVersionHeader, type CloudEventAttributes } from './cloud-event.ts';
export { resumeTrace, traceOf, type TraceCarrier } from './trace-carrier.ts';
export {
  formatTraceparent,
  parseTraceparent,
  traceContextOf,
  type TraceContext,
  type TraceParent,
} from './trace-context.ts';
