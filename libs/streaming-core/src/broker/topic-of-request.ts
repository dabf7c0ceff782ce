import type { LogManager } from '../log/log-manager-port.ts';

/** How a request names a topic: by name, or by id in the versions that have ids instead (KIP-516). */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
}

/** The name of the topic meant; undefined for an id of nothing. */
export const topicNameOf = (
  topic: TopicReference,
  { byId, logs }: { readonly byId: boolean; readonly logs: LogManager },
): string | undefined => (byId ? logs.topicById(topic.topicId)?.name : topic.name);
