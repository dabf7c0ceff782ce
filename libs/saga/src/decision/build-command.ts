import type { Message } from '@millrace/streaming-core/contract';
import { isErased } from '@millrace/streaming-core/personal';
import type { BuildCommand, SagaDefinition } from '../definition/definition.ts';
import { SagaError } from '../errors.ts';
import type { CommandToSend } from './effects.ts';
import type { Present } from './state.ts';

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
    failure,
    get personal() {
      if (isErased(personal)) throw erasedBefore(definition, command);
      return personal;
    },
  });
}

function builderOf(definition: SagaDefinition, { role, step: name }: CommandToSend): BuildCommand {
  if (role === 'closing') return definition.closing.command;
  const step = definition.steps.find((each) => each.name === name);
  if (role === 'step' && step !== undefined) return step.command;
  if (role === 'compensation' && step?.kind === 'compensatable') return step.compensation;
  throw new SagaError(
    'unknown_version',
    `saga ${definition.name}: version ${definition.version} no longer has the ${role} ${name}`,
  );
}

const erasedBefore = ({ name }: SagaDefinition, { step }: CommandToSend): SagaError =>
  new SagaError('personal_erased', `saga ${name}: the command of ${step} needs data that was erased`);
