import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import type { Role } from '../decision/events.ts';
import { stepsOf, type SagaDefinition, type Step } from '../definition/definition.ts';
import { closingStep } from '../decision/state.ts';

/** A reply, given as its type or as the message itself. */
export type Reply = string | Message;

/** The command that a type of reply belongs to. */
export interface Question {
  readonly role: Role;
  readonly step: string;
  readonly declaration: MessageDeclaration;
}

export function questionOf(definition: SagaDefinition, type: string): Question | undefined {
  const questions = stepsOf(definition).flatMap(questionsOf);
  const closing: Question = {
    role: 'closing',
    step: closingStep,
    declaration: definition.closing.accepted,
  };
  return [...questions, closing].find(({ declaration }) => declaration.type === type);
}

function questionsOf(step: Step): readonly Question[] {
  const accepted: Question = { role: 'step', step: step.name, declaration: step.accepted };
  if (step.kind === 'retriable') return [accepted];
  const rejected: Question = { role: 'step', step: step.name, declaration: step.rejected };
  if (step.kind === 'pivot') return [accepted, rejected];
  return [accepted, rejected, { role: 'compensation', step: step.name, declaration: step.compensated }];
}

interface Known {
  readonly start: Message;
  readonly command: Message;
  readonly samples: readonly Message[];
}

/**
 * Returns the message itself if it is given, otherwise the sample of its type, otherwise a message
 * that repeats fields of its command and of the start message. Throws if this is not a valid
 * message of the type, or has another key than its command.
 */
export function replyMessage(declaration: MessageDeclaration, reply: Reply, known: Known): Message {
  const { type, topic, schema } = declaration;
  const given = typeof reply === 'string' ? known.samples.find((sample) => sample.type === type) : reply;
  const parsed = schema.safeParse(given ?? echo(declaration, known));
  if (!parsed.success)
    throw new TypeError(
      `${type} has fields that its command does not give ` +
        `(${parsed.error.issues.map(({ path }) => path.join('.')).join(', ')}): ` +
        'put the message into replies, or answer with the message itself',
    );
  if (parsed.data[topic.key] !== known.command[topic.key])
    throw new TypeError(`the ${topic.key} of ${type} differs from that of its command`);
  return parsed.data;
}

function echo({ type, schema }: MessageDeclaration, { start, command }: Known): object {
  const fields = Object.keys('shape' in schema ? (schema.shape as object) : {});
  const said: Readonly<Record<string, unknown>> = { ...start, ...command, type };
  return Object.fromEntries(fields.filter((name) => name in said).map((name) => [name, said[name]]));
}
