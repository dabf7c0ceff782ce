/** The declarations that two services must share to exchange messages. */
export {
  anyMessageOf,
  deadLetterTopicOf,
  declareDeadLetters,
  InvalidMessage,
  messageTypesOf,
  topic,
  type Message,
  type MessageDeclaration,
  type MessageOf,
  type MessagesOf,
  type MessageType,
  type Topic,
  type TopicDeclaration,
  type TopicShape,
  type TopicOptions,
} from './topic.ts';
export { personal, type PersonalFields, type PersonalOptions } from './personal-fields.ts';
export {
  sagaHeader,
  streamVersionHeader,
  type CloudEventAttributes,
  isUuidV7,
  uuidV7TimeMs,
} from './cloud-event.ts';
export {
  resumeTrace,
  traceOf,
  type TraceCarrier,
  formatTraceparent,
  parseTraceparent,
  traceContextOf,
  type TraceContext,
  type TraceParent,
} from './trace-context.ts';
/** The units in which a topic's declaration states its retention. */
export { days, hours } from '../runtime/clock.ts';
