import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Report } from './report.ts';
import { endOf } from './transcript.ts';

const workspace = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-conformance-'));
const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/conformance/src/main.ts',
];
/**
 * The length of the output that a failure shows. It is enough for the last commands and answers of
 * each case that did not pass, and CI shows only the end of long output.
 */
const detailLinesMax = 12;
/**
 * Long, because the run fetches and builds clients that do not exist yet. Each case also has its
 * own limit.
 */
const runLimitMs = 900_000;
let results: Report['engines'][number]['results'] = [];

beforeAll(async () => {
  const file = join(folder, 'results.json');
  const printed = join(folder, 'printed.log');
  const output = openSync(printed, 'w');
  const run = spawn(process.execPath, [...program, '--quick', '--engine', 'embedded', '--json', file], {
    cwd: workspace,
    stdio: ['ignore', output, output],
  });
  const late = setTimeout(() => run.kill('SIGKILL'), runLimitMs);
  const [code, signal] = (await once(run, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(late);
  closeSync(output);
  if (!existsSync(file))
    throw new Error(
      `the run ended with ${code ?? signal} and without results:\n${endOf(readFileSync(printed, 'utf8'))}`,
    );
  const { engines } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  results = engines.flatMap((engine) => engine.results);
}, runLimitMs + 10_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Lists the cases that did not pass, each with its reason and last commands. Also reports a client
 * of which no case ran.
 */
function problems(client: string): string {
  const own = results.filter((each) => each.client === client);
  const bad = own
    .filter(({ outcome }) => outcome !== 'passed')
    .map(
      ({ name, outcome, reason = '', details = '' }) =>
        `${client}: ${name}: ${outcome}: ${reason}\n${endOf(details, detailLinesMax)}`,
    );
  return own.length === 0 ? `${client}: no case ran` : bad.join('\n');
}

describe('foreign clients, unmodified, on the embedded broker', () => {
  it.each([
    ['K31', 'kcat'],
    ['K32', 'kafkajs'],
    ['K33', 'platformatic'],
    ['K34', 'kafka-python'],
    ['K35', 'java'],
    ['K36', 'streams'],
    ['K37', 'franz-go'],
  ])('%s %s passes every case of the slice', (_promise, client) => {
    expect(problems(client)).toBe('');
  });
});
