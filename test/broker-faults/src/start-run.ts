import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { seed } from '@millrace/testing/random';
import { inWords, type FaultsReport } from './report.ts';

const workspace = join(import.meta.dirname, '../../..');
const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/broker-faults/src/main.ts',
];

/**
 * Starts one run in its own process, because it replaces Node's file system and Jest keeps copies
 * of that. Prints what the run did.
 */
export async function startRun(
  name: string,
  options: readonly string[] = ['--quick', '--seed', String(seed)],
): Promise<FaultsReport> {
  const child = spawn(process.execPath, [...program, name, '--json', ...options], {
    cwd: workspace,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const line = output.split('\n').findLast((each) => each.startsWith('{"run":'));
  if (line === undefined) throw new Error(`the run ${name} printed no report`);
  const report = JSON.parse(line) as FaultsReport;
  process.stdout.write(`${inWords(report)}\n`);
  return report;
}
