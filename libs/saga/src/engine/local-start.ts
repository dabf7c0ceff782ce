import { assumeNewAsWell } from '@millrace/event-sourcing';
import { traceOf } from '@millrace/streaming-core/contract';
import type { AppendToOutbox } from '@millrace/streaming-core/outbox';
import { sagaStream } from '../definition/definition.ts';
import type { Definitions } from './definitions.ts';
import { startInput } from './start-input.ts';
import type { TakeInput } from './take-input.ts';

/**
 * Writes messages to the outbox and starts the sagas that start locally with one of them, all in
 * the caller's transaction. The start message has the same id here and on the log, so it changes
 * nothing when the service reads it from the log.
 *
 * A transaction that has declared its streams (a handler's batch) must include the saga's stream.
 */
export const startingLocally =
  (definitions: Definitions, appendToOutbox: AppendToOutbox, take: TakeInput): AppendToOutbox =>
  async (transaction, messages) => {
    await appendToOutbox(transaction, messages);
    for (const { topic, key, message, attributes } of messages)
      for (const name of definitions.startedLocallyBy(topic, message.type)) {
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
