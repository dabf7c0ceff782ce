import { OperationFailed, InvalidInput } from '@millrace/operations/client';
import { ClientError } from '@millrace/streaming-core/client';
import { CommanderError } from 'commander';
import { buildProgram, invocation } from './command/build-program.ts';
import { isGroup, type CommandEntry, type ExitCode, type Session } from './command/command.ts';
import { visibleTerminal } from './terminal/visible.ts';

const success = 0;
const failure = 1;
const wrongUsage = 2;

/**
 * Runs one command line. Resolves to the exit code: 0 for success, 1 if the command failed or a
 * check found problems, 2 if the command line makes no sense. Prints errors as one line, and control
 * characters as text.
 */
export async function runMillrace(
  entries: readonly CommandEntry[],
  args: readonly string[],
  surroundings: Session,
): Promise<ExitCode> {
  const session = { ...surroundings, terminal: visibleTerminal(surroundings.terminal) };
  const { root, exitCode } = buildProgram(entries, session);
  try {
    await root.parseAsync([...args], { from: 'user' });
    return exitCode();
  } catch (error) {
    return reported(error, session, helpOf(entries, args));
  }
}

/** The command line that shows the help of what was called, as far as its words exist. */
function helpOf(entries: readonly CommandEntry[], [first, second]: readonly string[]): string {
  const entry = entries.find(({ name }) => name === first);
  const known =
    entry !== undefined && isGroup(entry) ? entry.commands.find(({ name }) => name === second) : undefined;
  return [invocation, entry?.name, known?.name, '--help'].filter(Boolean).join(' ');
}

function reported(error: unknown, { terminal, environment }: Session, help: string): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === success || error.code === 'commander.help') return success;
    terminal.err(`millrace: ${inOneLine(error.message.replace(/^error: /, ''))}`);
    terminal.err(`Help: ${help}`);
    return wrongUsage;
  }
  terminal.err(`millrace: ${inOneLine(messageOf(error))}`);
  if (!isExpected(error) && environment.LOG_LEVEL === 'debug' && error instanceof Error)
    terminal.err(error.stack ?? '');
  return error instanceof InvalidInput ? wrongUsage : failure;
}

const isExpected = (error: unknown): boolean =>
  error instanceof OperationFailed || error instanceof InvalidInput || error instanceof ClientError;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const inOneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');
