import type { TraceContext } from '@millrace/streaming-core/contract';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import { buildCommand } from '../decision/build-command.ts';
import type { CommandToSend } from '../decision/effects.ts';
import type { Present } from '../decision/state.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';

interface Envelope {
  readonly source: string;
  readonly time: string;
  readonly trace: TraceContext;
  readonly personal: unknown;
}

/** Builds a command's message. A re-send has the same id, cause and content, but a new time. */
export function commandMessage(
  definition: SagaDefinition,
  state: Present,
  command: CommandToSend,
  envelope: Envelope,
): OutboxMessage {
  const message = buildCommand(definition, state, command, envelope.personal);
  const declared = definition.commands.get(message.type);
  if (declared === undefined)
    throw new SagaError(
      'unroutable_command',
      `saga ${definition.name}: ${message.type} of ${command.step} is on none of its command topics: ` +
        'add its topic to the definition',
    );
  const { topic, version, personal } = declared;
  return {
    topic: topic.name,
    key: state.sagaId,
    message,
    ...(personal !== undefined && { personal }),
    attributes: {
      id: command.commandId,
      source: envelope.source,
      type: message.type,
      time: envelope.time,
      subject: state.sagaId,
      dataSchema: `/schemas/${topic.name}/${message.type}/${version}`,
      correlationId: state.correlationId,
      causationId: command.causationId,
      ...envelope.trace,
    },
  };
}
