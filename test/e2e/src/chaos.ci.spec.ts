import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { until } from '@millrace/test-support/stack';

const workspace = join(import.meta.dirname, '../../..');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a shell. Every process that it starts inherits `mark`. */
function run(
  args: string,
  { mark = '', onOutput = (_said: string, _pid: number): void => undefined } = {},
): Promise<Ended> {
  const { NODE_OPTIONS: _jestOnly, ...environment } = process.env;
  const child = spawn('sh', ['-c', `exec npm run --silent chaos -- ${args}`], {
    cwd: workspace,
    env: { ...environment, CHAOS_TEST_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, which Ctrl-C reaches as a whole
  });
  const said = { stdout: '', stderr: '' };
  for (const output of ['stdout', 'stderr'] as const)
    child[output].on('data', (chunk: Buffer) => {
      said[output] += chunk.toString('utf8');
      onOutput(said.stdout, child.pid ?? 0);
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

/** The ids of running processes with the mark. Needs /proc. */
function markedProcesses(mark: string): readonly string[] {
  return readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && environmentOf(name).includes(`CHAOS_TEST_MARK=${mark}\0`),
  );
}

function environmentOf(pid: string): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`;
  } catch {
    return ''; // it has just ended
  }
}

describe(`chaos by command (seed ${seed})`, () => {
  it('ends on Ctrl-C in the middle, and leaves no process behind', async () => {
    const mark = randomUUID();
    let interrupted = false;
    const { code, stdout } = await run(`--orders 1000 --seed ${seed}`, {
      mark,
      onOutput: (said, group) => {
        if (interrupted || !said.includes('kill -9')) return;
        interrupted = true;
        process.kill(-group, 'SIGINT');
      },
    });

    expect({ code, said: code === 130 ? '' : stdout }).toEqual({ code: 130, said: '' });
    expect(stdout).toContain('stopping the stack');
    await until('every process to be gone', 30_000, () => markedProcesses(mark).length === 0);
  });

  it('refuses a wrong option with one line', async () => {
    expect(await run('--parts moon')).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^chaos: --parts: there is no moon; the parts are order, [^\n]+\n$/),
    });
  });
});
