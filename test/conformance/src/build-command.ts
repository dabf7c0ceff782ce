import { ForeignProcess, type ProcessOptions } from './foreign-process.ts';
import { endOf, shellLine } from './transcript.ts';

/**
 * Runs a step of fetching or building within a time limit and returns its standard output. Rejects
 * with the end of what it printed.
 */
export async function buildCommand(
  command: readonly string[],
  options: ProcessOptions = {},
  limitMs = 600_000,
): Promise<string> {
  const child = new ForeignProcess(command, options);
  const late = setTimeout(() => child.signal('SIGKILL'), limitMs);
  const { code, output, errors } = await child.ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`${shellLine(command)} ended with ${code}: ${endOf(output + errors)}`);
  return output;
}
