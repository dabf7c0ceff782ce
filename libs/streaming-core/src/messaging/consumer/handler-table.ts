import { ConsumerError } from './consumer-error.ts';
import type { MessageHandler } from './types.ts';

/**
 * Finds the handler of a message by topic and type. On command topics every message must have one.
 */
export interface HandlerTable {
  find(topic: string, type: string): MessageHandler | undefined;
  isCommandTopic(topic: string): boolean;
}

export function createHandlerTable(
  handlers: readonly MessageHandler[],
  commandTopics: readonly string[],
): HandlerTable {
  if (handlers.length === 0)
    throw new ConsumerError(
      'no_handlers',
      'a consumer without handlers would skip every message; pass at least one handler',
    );
  const byName = new Map<string, MessageHandler>();
  const nameOf = (topic: string, type: string) => `${topic} ${type}`;
  for (const handler of handlers) {
    const { topic, type } = handler.message;
    if (byName.has(nameOf(topic.name, type)))
      throw new ConsumerError(
        'duplicate_handler',
        `${topic.name}: ${type} has two handlers; register one handler that does the work of both`,
      );
    byName.set(nameOf(topic.name, type), handler);
  }
  const commands = new Set(commandTopics);
  return {
    find: (topic, type) => byName.get(nameOf(topic, type)),
    isCommandTopic: (topic) => commands.has(topic),
  };
}
