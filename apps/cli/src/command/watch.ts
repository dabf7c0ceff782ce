import { InvalidInput } from '@millrace/operations/client';
import { pause, seconds } from '@millrace/streaming-core/runtime';
import type { Call, CommandDefinition, ExitCode, OptionDefinition, Terminal } from './command.ts';

const secondsByDefault = 2;
const secondsMax = 3_600;

export const watchOptions: readonly OptionDefinition[] = [
  {
    flags: '--watch [seconds]',
    meaning: `show the answer again every ${secondsByDefault} seconds, or as many as given, until Ctrl-C`,
  },
  {
    flags: '--append',
    meaning: 'with --watch: print each answer below the one before, also into a file or a pipe',
  },
];

/** Runs the command once. An answer that lacks something has at least the exit code 1. */
export async function runOnce(
  call: Omit<Call, 'incomplete'>,
  { run }: Pick<CommandDefinition, 'run'>,
): Promise<ExitCode> {
  let complete = true;
  const incomplete = (why: string) => {
    complete = false;
    call.session.terminal.err(`millrace: ${why}`);
  };
  const exitCode = await run({ ...call, incomplete });
  return exitCode || (complete ? 0 : 1);
}

/**
 * Runs the command again and again until Ctrl-C, and then resolves to 0. What goes wrong meanwhile is
 * shown in place of the answer, because the operator waits for the system to come back. A terminal
 * shows one answer at a time.
 */
export async function watch(
  call: Omit<Call, 'incomplete'>,
  definition: Pick<CommandDefinition, 'run'>,
): Promise<ExitCode> {
  const { session, options } = call;
  const { terminal, clock, signal } = session;
  const everySeconds = options.count('watch', 1, secondsMax) ?? secondsByDefault;
  const repaint = options.flag('append') ? undefined : terminal.repaint;
  if (repaint === undefined && !options.flag('append'))
    throw new InvalidInput(
      '--watch repaints a terminal, and standard output is none: add --append to print each answer below the one before',
    );
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  const heading = `every ${everySeconds} s, until Ctrl-C`;
  while (!signal.aborted) {
    const lines: string[] = [];
    await Promise.race([answerInto(lines, call, definition), stopped]);
    if (signal.aborted) break;
    if (repaint !== undefined) repaint([`${new Date(clock.now()).toISOString()}, ${heading}`, '', ...lines]);
    else lines.forEach((line) => terminal.out(line));
    await pause(clock, seconds(everySeconds), signal);
  }
  return 0;
}

/** Collects all that the command writes, so that the screen is never half painted. */
async function answerInto(
  lines: string[],
  call: Omit<Call, 'incomplete'>,
  definition: Pick<CommandDefinition, 'run'>,
): Promise<void> {
  const write = (line: string) => void lines.push(line);
  const { terminal } = call.session;
  const collecting: Terminal = {
    ...terminal,
    columns: terminal.columns,
    out: write,
    err: write,
    draw: () => undefined,
  };
  try {
    await runOnce({ ...call, session: { ...call.session, terminal: collecting } }, definition);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    write(`millrace: ${error instanceof Error ? error.message : String(error)}`);
  }
}
