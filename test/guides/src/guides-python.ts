import { join } from 'node:path';
import { runPython, startPython, type PythonProgram } from '@millrace/test-support/python';

const programs = join(import.meta.dirname, 'python');
const redirected = (program: string, bootstrapServers: string, args: readonly string[]) =>
  [join(programs, 'run.py'), [bootstrapServers, join(programs, program), ...args]] as const;

/** Starts one of the guides' programs unchanged against this broker. */
export const startGuide = (
  program: string,
  bootstrapServers: string,
  ...args: readonly string[]
): Promise<PythonProgram> => startPython(...redirected(program, bootstrapServers, args));

/**
 * Runs one of the guides' programs to its end and resolves to the lines that it printed. Rejects
 * when it fails.
 */
export async function runGuide(
  program: string,
  bootstrapServers: string,
  ...args: readonly string[]
): Promise<readonly string[]> {
  const output = await runPython(...redirected(program, bootstrapServers, args));
  return output.split('\n').filter((line) => line !== '');
}
