import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import type { FaultsReport } from './report.ts';

const workspace = join(import.meta.dirname, '../../..');
const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/broker-faults/src/main.ts',
];

/**
 * Does one run before the tests of a file. It has its own process, because it replaces Node's file
 * system and Jest keeps copies of that.
 */
export function startRun(name: string, limitMs = 120_000): () => FaultsReport {
  let report: FaultsReport | undefined;
  beforeAll(async () => {
    const child = spawn(process.execPath, [...program, name, '--quick', '--seed', String(seed)], {
      cwd: workspace,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    report = JSON.parse(output) as FaultsReport;
  }, limitMs);
  return () => report!;
}
