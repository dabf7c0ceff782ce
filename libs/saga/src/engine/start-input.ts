import type { MessageContext } from '@millrace/streaming-core/consumer';
import type { Message } from '@millrace/streaming-core/contract';
import type { StartInput } from '../decision/inputs.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';

/** The partition is missing if the message is not on the log yet. */
type StartContext = Pick<MessageContext, 'id' | 'correlationId' | 'topic' | 'key'> & {
  readonly partition?: number;
};

/**
 * Throws `SagaError` (`wrong_key`) for a message with the wrong key. Replies have the saga's id as
 * their key, so they would arrive on another partition than this message.
 */
export function startInput(
  definition: SagaDefinition,
  message: Message,
  { id: messageId, correlationId, topic: startTopic, key, partition }: StartContext,
  at: string,
): StartInput {
  const sagaId = definition.id(message);
  if (sagaId !== key)
    throw new SagaError(
      'wrong_key',
      `${definition.starts.type} has the key ${key}, but starts saga ${sagaId}: ` +
        "publish it with the saga's id as its key",
    );
  return { type: 'start', sagaId, message, messageId, correlationId, startTopic, partition, at };
}
