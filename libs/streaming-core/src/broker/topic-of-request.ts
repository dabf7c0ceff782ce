import type { LogManager } from '../log/log-manager-port.ts';

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
