import { assertNever } from '@millrace/event-sourcing';
import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import type { z } from 'zod';

/** The reason why a saga is compensated: its first cause, whatever came after it. */
export interface Failure<Reason extends string = string> {
  readonly reason: Reason;
  /** The step that was rejected or timed out; absent for a cancellation. */
  readonly step?: string;
}

/** The data that a command is built from, with the definition's types erased. */
export interface CommandSource {
  readonly start: Message;
  /** Throws `SagaError` (`personal_erased`) if the data was erased. */
  readonly personal: unknown;
  readonly failure?: Failure;
}

/** Builds a command's message. It is pure, so a re-send builds the same message again. */
export type BuildCommand = (source: CommandSource) => Message;

interface StepCommon {
  readonly name: string;
  readonly command: BuildCommand;
  readonly accepted: MessageDeclaration;
  readonly timeoutMs?: number;
}

interface CompensatableStep extends StepCommon {
  readonly kind: 'compensatable';
  readonly rejected: MessageDeclaration;
  readonly compensation: BuildCommand;
  readonly compensated: MessageDeclaration;
  readonly resendsMax?: number;
}

interface PivotStep extends StepCommon {
  readonly kind: 'pivot';
  readonly rejected: MessageDeclaration;
  /** True if the service decides the command in the transaction that would send it. */
  readonly local: boolean;
}

interface RetriableStep extends StepCommon {
  readonly kind: 'retriable';
}

export type Step = CompensatableStep | PivotStep | RetriableStep;

/** A saga as data. `saga(...)` builds it, and the engine runs it. */
export interface SagaDefinition {
  readonly name: string;
  readonly version: number;
  readonly starts: MessageDeclaration;
  /** True if an instance starts in the transaction that writes its start message to the outbox. */
  readonly startsLocally: boolean;
  readonly id: (start: Message) => string;
  /** Checks what the engine's `personal` callback returns. */
  readonly personal?: z.ZodType;
  /** The command types that the saga may send, by name. */
  readonly commands: ReadonlyMap<string, MessageDeclaration>;
  /** The steps in the order in which their commands are sent. */
  readonly steps: readonly Step[];
  readonly cancelledBy?: { readonly message: MessageDeclaration; readonly reason: string };
  /** The command that ends the saga once everything is compensated, and its reply. */
  readonly closing: { readonly command: BuildCommand; readonly accepted: MessageDeclaration };
}

export const sagaStream = (definition: string, sagaId: string): string => `saga-${definition}-${sagaId}`;

/** Returns true if the service decides this command in the transaction that would send it. */
export const isLocal = (
  { steps }: SagaDefinition,
  { role, step: name }: { readonly role: string; readonly step: string },
): boolean =>
  role === 'step' && steps.some((step) => step.kind === 'pivot' && step.name === name && step.local);

/** A reply accepts or rejects its command. */
export type Verdict = 'accepted' | 'rejected';

interface CommandOf {
  readonly role: 'step' | 'compensation' | 'closing';
  readonly step: string;
}

/** Returns the replies to a command of the saga, each with its verdict. */
export function repliesTo(
  definition: SagaDefinition,
  { role, step: name }: CommandOf,
): readonly { readonly declaration: MessageDeclaration; readonly verdict: Verdict }[] {
  if (role === 'closing') return [{ declaration: definition.closing.accepted, verdict: 'accepted' }];
  const step = definition.steps.find((each) => each.name === name);
  if (step === undefined) return [];
  if (role === 'compensation')
    return step.kind === 'compensatable' ? [{ declaration: step.compensated, verdict: 'accepted' }] : [];
  const accepted = { declaration: step.accepted, verdict: 'accepted' } as const;
  return step.kind === 'retriable'
    ? [accepted]
    : [accepted, { declaration: step.rejected, verdict: 'rejected' }];
}

/** Returns undefined for a message that does not answer the command. */
export const verdictOf = (
  definition: SagaDefinition,
  command: CommandOf,
  type: string,
): Verdict | undefined =>
  repliesTo(definition, command).find(({ declaration }) => declaration.type === type)?.verdict;

/** Returns every message type that the saga reacts to, each once and `starts` first. */
export function messagesOf(definition: SagaDefinition): readonly MessageDeclaration[] {
  const replies = definition.steps.flatMap((step) => repliesOf(step));
  const cancels = definition.cancelledBy === undefined ? [] : [definition.cancelledBy.message];
  return [...new Set([definition.starts, ...replies, ...cancels, definition.closing.accepted])];
}

function repliesOf(step: Step): readonly MessageDeclaration[] {
  switch (step.kind) {
    case 'compensatable':
      return [step.accepted, step.rejected, step.compensated];
    case 'pivot':
      return [step.accepted, step.rejected];
    case 'retriable':
      return [step.accepted];
    default:
      return assertNever(step);
  }
}

/**
 * The names of the topics that the saga reads. A timer fires only once the saga has caught up on
 * all of them.
 */
export const topicsOf = (definition: SagaDefinition): readonly string[] => [
  ...new Set(messagesOf(definition).map((message) => message.topic.name)),
];

/** The names of the topics that the saga sends commands to. */
export const commandTopicsOf = ({ commands }: SagaDefinition): readonly string[] => [
  ...new Set([...commands.values()].map((command) => command.topic.name)),
];
