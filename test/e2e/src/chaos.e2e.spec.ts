import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';

const workspace = join(import.meta.dirname, '../../..');

/** The report that `npm run chaos -- --json` prints. */
interface Report {
  readonly seed: number;
  readonly kills: readonly object[];
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: readonly object[];
}

function run(command: string): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const { NODE_OPTIONS: _jestOnly, ...environment } = process.env;
  const child = spawn('sh', ['-c', command], { cwd: workspace, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

const ordersPlaced = 60;

describe(`chaos by command (seed ${seed})`, () => {
  it('random orders under random kills all end, and the books balance', async () => {
    const { code, stdout, stderr } = await run(
      `npm run --silent chaos -- --orders ${ordersPlaced} --seed ${seed} --kills 5 --pauses --deadline-s 150 --json`,
    );

    expect({ code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({ seed, violations: [] });
    expect(report.kills).toHaveLength(5);
    expect(Object.values(report.outcomes).reduce((sum, count) => sum + count, 0)).toBe(ordersPlaced);
  }, 180_000);

  it('refuses a wrong option with one line', async () => {
    expect(await run('npm run --silent chaos -- --parts moon')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^chaos: --parts: there is no moon, there are order, [^\n]+\n$/),
    });
  });
});
