import { AssertionError, deepStrictEqual } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '@millrace/streaming-core/contract';
import { buildCommand } from '../decision/commands.ts';
import { sagaDecider } from '../decision/decide.ts';
import type { SagaInput } from '../decision/inputs.ts';
import { defaultSagaSettings } from '../decision/settings.ts';
import type { SagaState } from '../decision/state.ts';
import type { SagaDefinition } from '../definition/definition.ts';

/** The inputs of one instance, and what it sent after each of them. */
export interface GoldenHistory {
  readonly name: string;
  readonly personal?: unknown;
  readonly turns: readonly { readonly input: SagaInput; readonly sends: readonly Message[] }[];
  /** The status of the saga after the last input. */
  readonly ends: SagaState['status'];
}

/**
 * Replays the histories in `DEFINITION-VERSION.json` of a folder through the decision, and compares the
 * commands with all their content. Ids of commands and waits are `c1`, `c2` and so on, in the order in
 * which the saga asks for them. Throws node's `AssertionError` for
 *
 * - a turn after which the saga sends something else than at its release;
 * - a history that ends with another status;
 * - a definition without histories, and histories without a definition.
 */
export function assertGoldenHistories(folder: string, definitions: readonly SagaDefinition[]): void {
  const files = definitions.map(({ name, version }) => `${name}-${version}.json`);
  const missing = files.find((file) => !existsSync(join(folder, file)));
  if (missing !== undefined)
    throw new AssertionError({
      message:
        `${missing} is missing: record it with recordGoldenHistories, as \`npm run reference\` does, or write ` +
        'histories in the form of the other files, and this test prints what the saga sends after each input',
    });
  const retired = readdirSync(folder).find((file) => !files.includes(file));
  if (retired !== undefined)
    throw new AssertionError({ message: `${retired} belongs to no definition: delete it with the version` });
  for (const [index, definition] of definitions.entries()) {
    const file = files[index]!;
    const histories = JSON.parse(readFileSync(join(folder, file), 'utf8')) as readonly GoldenHistory[];
    if (histories.length === 0) throw new AssertionError({ message: `${file} has no history` });
    for (const history of histories) replay(definition, history, `${file}, ${history.name}`);
  }
}

function replay(definition: SagaDefinition, { personal, turns, ends }: GoldenHistory, where: string): void {
  const decider = sagaDecider(definition, defaultSagaSettings);
  let state = decider.initialState;
  let ids = 0;
  for (const [index, { input, sends }] of turns.entries()) {
    const decision = decider.decide(input, state, () => `c${++ids}`);
    state = decision.state;
    const sent = decision.commands.map((command) =>
      // Only a saga that is there sends commands.
      buildCommand(definition, decision.state as Exclude<SagaState, { status: 'absent' }>, command, personal),
    );
    expectSame(
      sent,
      sends,
      `${where}: after input ${index + 1} (${input.type}) the saga sends something else`,
    );
  }
  expectSame(state.status, ends, `${where}: the saga ends differently`);
}

function expectSame(actual: unknown, expected: unknown, problem: string): void {
  try {
    // As JSON, since a field without a value is not sent.
    deepStrictEqual(JSON.parse(JSON.stringify(actual)), expected);
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    throw new AssertionError({ message: `${problem}\n${error.message}`, actual, expected });
  }
}
