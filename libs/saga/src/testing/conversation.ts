import { AssertionError } from 'node:assert';
import type { Message } from '@millrace/streaming-core/contract';
import type { SagaDecider } from '../decision/decide.ts';
import type { CommandToSend } from '../decision/effects.ts';
import { awaited, type SagaState } from '../decision/state.ts';
import type { SagaDefinition } from '../definition/definition.ts';

export interface SentCommand {
  readonly command: CommandToSend;
  readonly message: Message;
  /** True if the service decides the command itself instead of sending it. */
  readonly local: boolean;
}

/** One input, and the commands that it made the saga send. */
interface Turn {
  readonly heard: string;
  readonly sent: readonly SentCommand[];
}

export interface Conversation {
  readonly definition: SagaDefinition;
  readonly decider: SagaDecider;
  readonly start: Message;
  readonly personal: unknown;
  /** The messages to use for replies that are named by their types. */
  readonly samples: readonly Message[];
  readonly turns: readonly Turn[];
  readonly state: SagaState;
  /** The number of command ids given out so far. */
  readonly ids: number;
}

export const sentCommands = ({ turns }: Conversation): readonly SentCommand[] =>
  turns.flatMap(({ sent }) => sent);

/** Returns the latest sending of a command. */
export const lastSent = (
  conversation: Conversation,
  { role, step }: Pick<CommandToSend, 'role' | 'step'>,
): SentCommand | undefined =>
  sentCommands(conversation).findLast(({ command }) => command.role === role && command.step === step);

/** Returns the type of the command that the saga waits for, or undefined once it has ended. */
export function waitsFor(conversation: Conversation): string | undefined {
  const [waits] = awaited(conversation.state);
  return waits && lastSent(conversation, waits)?.message.type;
}

/**
 * Builds the error for a conversation that does not go as a test expects. It contains the problem
 * and the conversation so far.
 */
export const failed = (
  conversation: Conversation,
  problem: string,
  values: { readonly actual?: unknown; readonly expected?: unknown } = {},
): AssertionError =>
  new AssertionError({
    message: `${problem}\n\nThe conversation so far:\n${printed(conversation)}`,
    ...values,
  });

/**
 * Prints a line for each input and each command, and one for the state that they leave the saga in.
 */
function printed(conversation: Conversation): string {
  const { state, turns } = conversation;
  const lines = turns.flatMap(({ heard, sent }) => [
    `  ${heard}`,
    ...sent.map(({ message, local }) => `    -> ${message.type}${local ? ' (local)' : ''}`),
  ]);
  const reason = 'failure' in state ? ` (${state.failure.reason})` : '';
  const waits = waitsFor(conversation);
  const end = waits === undefined ? '' : `, waits for the reply to ${waits}`;
  return [...lines, `  ${state.status}${reason}${end}`].join('\n');
}
