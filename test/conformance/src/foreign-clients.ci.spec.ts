import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EngineResults } from './report.ts';

const workspace = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-conformance-'));
const program = ['--conditions=@millrace/source', '--import', './tools/register.mjs', 'test/conformance/src/main.ts'];
let engines: readonly EngineResults[] = [];

beforeAll(async () => {
  const file = join(folder, 'results.json');
  const run = spawn(process.execPath, [...program, '--quick', '--json', file], { cwd: workspace, stdio: 'inherit' });
  await once(run, 'close');
  engines = JSON.parse(readFileSync(file, 'utf8')) as readonly EngineResults[];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What did not pass, with the reason; and a line where nothing ran at all. */
function problems(engine: string, client: string): readonly string[] {
  const results = engines.find((each) => each.engine === engine)?.results.filter((each) => each.client === client) ?? [];
  const bad = results
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ name, outcome, reason = '' }) => `${name}: ${outcome}: ${reason}`);
  return results.length === 0 ? ['no case ran'] : bad;
}

describe('foreign clients, each as it is', () => {
  describe.each(['embedded', 'kafka'])('on the engine %s', (engine) => {
    it.each(['kcat', 'kafkajs', 'platformatic', 'kafka-python', 'java', 'streams', 'franz-go'])(
      '%s passes every case of the slice',
      (client) => {
        expect(problems(engine, client)).toEqual([]);
      },
    );
  });
});
