import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { runLogged } from './long-run.ts';

/**
 * Does a long run of `test/operations` and resolves to its report, a line of JSON. Rejects if there
 * is none.
 */
export async function runOperations<Report>(
  form: string,
  args: readonly string[],
): Promise<{ readonly passed: boolean; readonly report: Report }> {
  const flags = [
    '--conditions=@millrace/source',
    '--import',
    './tools/typescript/register.mjs',
    'test/operations/src/main.ts',
  ];
  const logFile = join(workspace, 'tmp/operations', `${form}.log`);
  const { passed, output } = await runLogged(process.execPath, [...flags, form, ...args], logFile);
  const line = output.split('\n').findLast((each) => each.startsWith(`{"form":"${form}"`));
  if (line === undefined) throw new Error(`the run printed no report: see ${logFile}`);
  return { passed, report: JSON.parse(line) as Report };
}
