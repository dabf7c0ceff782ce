import type { Message, TraceContext } from '@millrace/streaming-core/contract';
import { isErased } from '@millrace/streaming-core/personal';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import { stepOf, type BuildCommand, type SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import type { CommandToSend } from './decide.ts';
import { type Present, resultsOf } from './state.ts';

/**
 * Builds the message of a command. Throws `SagaError`: `unknown_version` if the definition does not
 * have the command's step, and `personal_erased` if the message needs personal data that was erased.
 */
export function buildCommand(
  definition: SagaDefinition,
  state: Present,
  command: CommandToSend,
  personal: unknown,
): Message {
  const failure = 'failure' in state ? state.failure : undefined;
  return builderOf(
    definition,
    command,
  )({
    start: state.start,
    results: resultsOf(state),
    failure,
    get personal() {
      if (isErased(personal)) throw erasedBefore(definition, command);
      return personal;
    },
  });
}

function builderOf(definition: SagaDefinition, { role, step: name }: CommandToSend): BuildCommand {
  if (role === 'closing') return definition.closing.command;
  const step = stepOf(definition, name);
  if (role === 'step' && step !== undefined) return step.command;
  if (role === 'compensation' && step?.kind === 'compensatable') return step.compensation;
  throw new SagaError(
    'unknown_version',
    `saga ${definition.name}: version ${definition.version} no longer has the ${role} ${name}`,
  );
}

const erasedBefore = ({ name }: SagaDefinition, { step }: CommandToSend): SagaError =>
  new SagaError('personal_erased', `saga ${name}: the command of ${step} needs data that was erased`);

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
      saga: definition.name,
      ...envelope.trace,
    },
  };
}
