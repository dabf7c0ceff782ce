import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { usersPath } from '@millrace/testing/users-path';
import { freePorts, until } from '@millrace/test-support/stack';

const workspace = join(import.meta.dirname, '../../..');

/**
 * True for a command that this run has already executed, that `test/containers` executes on a
 * container engine, or that A08 of `apps/stack` executes.
 */
const isDoneElsewhere = (command: string): boolean =>
  ['npm ci', 'npm test', 'npm start -- --kafka'].includes(command) || command.startsWith('docker compose ');

const blocksIn = (page: string): readonly string[] =>
  [...readFileSync(join(workspace, page), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, block = '']) => block,
  );

/**
 * True for the block that places a reader's first order. Its commands share a shell, since one
 * keeps the order's id for the next.
 */
const placesFirstOrder = (block: string): boolean => block.includes('ORDER=$(');

/** The commands of the blocks without comments and repetitions. */
function commandsOf(blocks: readonly string[]): readonly string[] {
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim());
  const commands = lines.flatMap((line) => line.split(' && '));
  return [...new Set(commands.filter((command) => command !== '' && !isDoneElsewhere(command)))];
}

interface Running {
  readonly group: number;
  stdout(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Runs a command in a shell that leads a process group, which Ctrl-C reaches as a whole. */
function run(command: string, dataFolder: string): Running {
  const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
  const environment = { ...inherited, ...freePorts, PATH: usersPath, MILLRACE_DATA: dataFolder };
  const child = spawn('sh', ['-c', command], {
    cwd: workspace,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return {
    group: child.pid ?? 0,
    stdout: () => Buffer.concat(stdout).toString(),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stderr: Buffer.concat(stderr).toString() }));
    }),
  };
}

describe('the commands of the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-readme-'));
  // When root runs this, PostgreSQL runs as another user, which needs access.
  chmodSync(folder, 0o755);
  let started: Running | undefined;
  afterAll(async () => {
    if (started !== undefined) process.kill(-started.group, 'SIGINT');
    await started?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('W05 start the system, place a first order, follow it to its end and show its saga', async () => {
    expect(commandsOf(blocksIn('README.md'))).toEqual(['npm start']);
    const running = run('exec npm start -- --no-console', join(folder, 'data'));
    started = running;
    void running.ended.finally(() => (started = undefined));
    await until(
      () => `the table of addresses, after ${running.stdout()}`,
      240_000,
      () => running.stdout().includes('Ctrl-C stops'),
    );
    const hostOf = (service: string) =>
      new RegExp(`^${service} +http://(\\S+)`, 'm').exec(running.stdout())?.[1] ?? '';
    const [script = ''] = blocksIn('apps/order/README.md').filter(placesFirstOrder);
    const asked = script
      .replaceAll('localhost:3001', hostOf('order'))
      .replaceAll('localhost:3002', hostOf('inventory'));
    const placed = run(`set -e\n${asked}`, join(folder, 'unused'));

    expect(await placed.ended).toMatchObject({ code: 0 });
    expect([...placed.stdout().matchAll(/^event: (\w+)/gm)].map(([, type]) => type)).toEqual([
      'OrderCreated',
      'OrderCompleted',
      'end',
    ]);
    expect(JSON.parse(placed.stdout().trim().split('\n').at(-1) ?? '')).toMatchObject({
      definition: 'fulfillment',
      steps: [
        { name: 'reserve' },
        { name: 'pay' },
        { name: 'ship' },
        { name: 'complete' },
        { name: 'commit' },
      ],
    });

    process.kill(-running.group, 'SIGINT');
    // The code of a stack whose samples ended differently is 1.
    expect(await running.ended).toEqual({ code: 0, stderr: '' });
  });
});
