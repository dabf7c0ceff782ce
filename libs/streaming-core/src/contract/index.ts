/** The declarations that two services must share to exchange messages. */
export { deadLetterTopicOf, declareDeadLetters } from './topic.ts';
export { personal, type PersonalFields, type PersonalOptions } from './personal-fields.ts';
export { messageTypesOf, topic } from './topic.ts';
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
export { isUuidV7, uuidV7TimeMs } from './cloud-event.ts';
export { resumeTrace, traceOf, type TraceCarrier } from './trace-context.ts';
export {
  formatTraceparent,
  parseTraceparent,
  traceContextOf,
  type TraceContext,
  type TraceParent,
} from './trace-context.ts';
/** The units in which a topic's declaration states its retention. */
export { days, hours } from '../runtime/duration.ts';
