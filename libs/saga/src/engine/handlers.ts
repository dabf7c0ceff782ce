import { TerminalError, type MessageContext, type MessageHandler } from '@millrace/streaming-core/consumer';
import { traceOf, type Message } from '@millrace/streaming-core/contract';
import type { SagaInput } from '../decision/inputs.ts';
import { sagaStream, waitFor, type SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import { guardUnknownVersions, takersOf, type Definitions, type Reactions } from './definitions.ts';
import type { LocalSteps } from './local-steps.ts';
import type { SagaEngineOptions } from './options.ts';
import { reportLifecycle } from './reports.ts';
import { startInput } from './starts.ts';
import type { SagaChanged } from './take-input.ts';

/**
 * Creates one handler per message type, which serves every saga that reacts to it. Once a message
 * is committed, the handler reports the sagas that it has started or ended. A reply to a live saga
 * of a version that this process does not know blocks the partition, even if other sagas react to
 * its type.
 */
export function messageHandlers(
  definitions: Definitions,
  options: SagaEngineOptions,
  { take, settled }: LocalSteps,
): readonly MessageHandler[] {
  const taken = new WeakMap<Message, readonly SagaChanged[]>();
  const guard = guardUnknownVersions(definitions);
  const processes = new Set(options.timedProcesses?.map(({ name }) => name));
  const isForeign = (saga: string, { names }: Reactions) => !names.includes(saga) && !processes.has(saga);
  return definitions.messages.map((reactions) => ({
    message: reactions.declaration,
    locks: (_message, context) =>
      takersOf(reactions, context).flatMap((name) => streamsOf(options, name, context.key)),
    async handle(message, context) {
      const { saga } = context;
      if (saga !== undefined && isForeign(saga, reactions)) await guard(context.transaction, [context]);
      const changes: SagaChanged[] = [];
      for (const name of takersOf(reactions, context)) {
        const change = await take(context.transaction, {
          name,
          sagaId: context.key,
          causationId: context.id,
          trace: traceOf(context),
          partition: context.partition,
          what: message.type,
          toInput: (definition, at) => messageInput(definition, message, context, at),
        });
        if (change !== undefined) changes.push(change);
      }
      taken.set(message, changes);
    },
    committed(message) {
      for (const change of taken.get(message) ?? []) {
        settled(change.after);
        reportLifecycle(change, options.clock.now());
      }
    },
  }));
}

export const streamsOf = (
  { alsoLocks }: Pick<SagaEngineOptions, 'alsoLocks'>,
  name: string,
  sagaId: string,
): readonly string[] => [sagaStream(name, sagaId), ...(alsoLocks?.(sagaId, name) ?? [])];

function messageInput(
  definition: SagaDefinition,
  message: Message,
  context: MessageContext,
  at: string,
): SagaInput {
  const { id: messageId, causationId, type } = context;
  if (type === definition.starts.type && context.topic === definition.starts.topic.name)
    return started(definition, message, context, at);
  if (type === definition.cancelledBy?.message.type) return { type: 'cancel', messageId, at };
  if (waitFor(definition, type) !== undefined)
    return { type: 'message', message, messageId, causationId, at };
  return { type: 'reply', message, messageId, causationId, at };
}

/** Sends a message with the wrong key to the dead letters, because no retry changes its key. */
function started(
  definition: SagaDefinition,
  message: Message,
  context: MessageContext,
  at: string,
): SagaInput {
  try {
    return startInput(definition, message, context, at);
  } catch (error) {
    if (!(error instanceof SagaError)) throw error;
    throw new TerminalError(`saga ${definition.name} was not started`, { cause: error });
  }
}
