import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '@millrace/streaming-core/contract';
import { repliesTo, stepsOf, waitsOf, type SagaDefinition, type Verdict } from '../definition/definition.ts';
import { awaited, openWaits } from '../decision/state.ts';
import { hearMessage, hearReply, hearTimeOver, type Conversation } from './conversation.ts';
import { conversationOf, type GivenSagaOptions } from './given-saga.ts';
import type { GoldenHistory } from './golden-histories.ts';

/** The messages with which the histories of a saga are played. */
export interface SagaSamples extends Pick<GivenSagaOptions, 'personal' | 'replies'> {
  readonly start: Message;
}

const turnsMax = 1_000;

/**
 * Writes `DEFINITION-VERSION.json` for each definition that has none: the history in which everything is
 * accepted, and one for each step that is rejected. An existing file is never changed, since it says what a
 * released version sends.
 */
export function recordGoldenHistories(
  folder: string,
  definitions: readonly SagaDefinition[],
  samples: Readonly<Record<string, SagaSamples>>,
): void {
  for (const definition of definitions) {
    const file = join(folder, `${definition.name}-${definition.version}.json`);
    if (existsSync(file)) continue;
    const own = samples[definition.name];
    if (own === undefined)
      throw new TypeError(`there are no samples of ${definition.name}, so its histories cannot be recorded`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(historiesOf(definition, own), null, 2)}\n`);
  }
}

/** Plays a definition to its end in every way in which at most one step is rejected. */
function historiesOf(
  definition: SagaDefinition,
  { start, ...options }: SagaSamples,
): readonly GoldenHistory[] {
  const begun = conversationOf(definition, start, options);
  const rejectable = stepsOf(definition).filter(({ kind }) => kind !== 'retriable');
  const play = (name: string, rejected?: string): readonly GoldenHistory[] => {
    const { turns, state } = played(begun, rejected);
    const sends = turns.map(({ input, sent }) => ({ input, sends: sent.map(({ message }) => message) }));
    const wasSent = turns.some(({ sent }) => sent.some(({ command }) => command.step === rejected));
    if (rejected !== undefined && !wasSent) return []; // its path is not taken with this start message
    const { personal } = options;
    return [{ name, ...(personal !== undefined && { personal }), turns: sends, ends: state.status }];
  };
  return [
    ...play('everything is accepted'),
    ...rejectable.flatMap(({ name }) => play(`${name} is rejected`, name)),
  ];
}

function played(begun: Conversation, rejected: string | undefined): Conversation {
  let conversation = begun;
  for (let turns = 0; turns < turnsMax; turns += 1) {
    const { status } = conversation.state;
    if (status === 'completed' || status === 'compensated') return conversation;
    conversation = nextTurn(conversation, rejected);
  }
  throw new TypeError(`${begun.definition.name} does not end within ${turnsMax} turns`);
}

/** A participant replies, or else what the saga waits for happens. */
function nextTurn(conversation: Conversation, rejected: string | undefined): Conversation {
  const { definition, state } = conversation;
  const [asked] = awaited(state);
  if (asked !== undefined) {
    const verdict: Verdict = asked.role === 'step' && asked.step === rejected ? 'rejected' : 'accepted';
    const reply = repliesTo(definition, asked).find((each) => each.verdict === verdict);
    if (reply !== undefined) return hearReply(conversation, reply.declaration.type, 'in time');
  }
  const [open] = openWaits(state);
  if (open === undefined) throw new TypeError(`${definition.name} waits for nothing that can happen`);
  const wait = waitsOf(definition).find(({ name }) => name === open.name);
  return wait === undefined
    ? hearTimeOver(conversation, open.name)
    : hearMessage(conversation, wait.event.type);
}
