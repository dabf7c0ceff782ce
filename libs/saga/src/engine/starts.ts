import { assumeNewAsWell } from '@millrace/event-sourcing';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { traceOf, type Message } from '@millrace/streaming-core/contract';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { StartInput } from '../decision/inputs.ts';
import { sagaStream, type SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import type { Definitions } from './definitions.ts';
import type { TakeInput } from './take-input.ts';

/** Starts the sagas that start locally with one of these messages, in the caller's transaction. */
export type StartFrom = (transaction: SqlTransaction, messages: readonly OutboxMessage[]) => Promise<void>;

/**
 * The start message has the same id here and on the log, so it changes nothing when the service
 * reads it from the log. A transaction that has declared its streams (a handler's batch) must
 * include the saga's stream.
 */
export const localStarts =
  (definitions: Definitions, take: TakeInput): StartFrom =>
  async (transaction, messages) => {
    for (const { topic, key, message, attributes } of messages)
      for (const name of definitions.startedLocallyBy(topic, message)) {
        assumeNewAsWell(transaction, sagaStream(name, key));
        await take(transaction, {
          name,
          sagaId: key,
          causationId: attributes.id,
          trace: traceOf(attributes),
          what: message.type,
          toInput: (definition, at) => startInput(definition, message, { ...attributes, topic, key }, at),
        });
      }
  };

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
