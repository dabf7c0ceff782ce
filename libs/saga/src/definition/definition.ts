import { assertNever } from '@millrace/event-sourcing';
import type { Message, MessageDeclaration } from '@millrace/streaming-core/contract';
import type { z } from 'zod';

/** Why a saga is compensated: the first cause, whatever came after it. */
export interface Failure<Reason extends string = string> {
  readonly reason: Reason;
  /** The step that was rejected or timed out; absent for a cancellation. */
  readonly step?: string;
}

/** What a command is built from, with the definition's types erased. */
export interface CommandSource {
  readonly start: Message;
  readonly personal: unknown;
  readonly failure?: Failure;
}

/** Builds a command's message. Pure: a re-send builds the same message again. */
export type BuildCommand = (source: CommandSource) => Message;

interface StepCommon {
  readonly name: string;
  readonly command: BuildCommand;
  readonly accepted: MessageDeclaration;
  readonly timeoutMs?: number;
}

export interface CompensatableStep extends StepCommon {
  readonly kind: 'compensatable';
  readonly rejected: MessageDeclaration;
  readonly compensation: BuildCommand;
  readonly compensated: MessageDeclaration;
  readonly resendsMax?: number;
}

export interface PivotStep extends StepCommon {
  readonly kind: 'pivot';
  readonly rejected: MessageDeclaration;
}

export interface RetriableStep extends StepCommon {
  readonly kind: 'retriable';
}

export type Step = CompensatableStep | PivotStep | RetriableStep;

/** A saga as data: what `saga(...)` builds and the engine runs. */
export interface SagaDefinition {
  readonly name: string;
  readonly version: number;
  readonly starts: MessageDeclaration;
  readonly id: (start: Message) => string;
  /** Checks what the engine's `personal` callback gives. */
  readonly personal?: z.ZodType;
  /** The command types that the saga may send, by name. */
  readonly commands: ReadonlyMap<string, MessageDeclaration>;
  /** In the order in which they are sent. */
  readonly steps: readonly Step[];
  readonly cancelledBy?: { readonly message: MessageDeclaration; readonly reason: string };
  /** Ends the saga once everything is compensated. */
  readonly closing: { readonly command: BuildCommand; readonly accepted: MessageDeclaration };
}

export const sagaStream = (definition: string, sagaId: string): string => `saga-${definition}-${sagaId}`;

/** Every message type that the saga reacts to, each once; `starts` is the first. */
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

/** Names of the topics that the saga reads: a timer fires only when all of them are caught up. */
export const topicsOf = (definition: SagaDefinition): readonly string[] => [
  ...new Set(messagesOf(definition).map((message) => message.topic.name)),
];

/** Names of the topics that the saga sends commands to. */
export const commandTopicsOf = ({ commands }: SagaDefinition): readonly string[] => [
  ...new Set([...commands.values()].map((command) => command.topic.name)),
];
