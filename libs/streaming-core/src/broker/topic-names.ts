import { checkNewTopicName as checkAmongExisting } from '../log/topics/topic-name.ts';
import type { LogManager } from '../log/log-manager-port.ts';
import { ProtocolError } from '../protocol/errors.ts';

/** Topics that the broker creates for itself. */
const reservedNames: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state']);

/** Whether a topic with this valid name may be created. */
export const isFree = (name: string, logs: LogManager): boolean =>
  !reservedNames.has(name) && logs.topicLike(name) === undefined;

/** Throws INVALID_TOPIC_EXCEPTION or TOPIC_ALREADY_EXISTS. */
export function checkNewTopicName(name: string, logs: LogManager): void {
  checkAmongExisting(name, logs.topicLike(name)?.name);
  if (reservedNames.has(name))
    throw new ProtocolError('INVALID_TOPIC_EXCEPTION', `${name} is reserved for the broker itself`);
}

/** A topic in a request: by name, or by id in the versions that have ids instead (KIP-516). */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
}

/** Returns the name of the topic, or undefined for an unknown id. */
export const topicNameOf = (
  topic: TopicReference,
  { byId, logs }: { readonly byId: boolean; readonly logs: LogManager },
): string | undefined => (byId ? logs.topicById(topic.topicId)?.name : topic.name);
