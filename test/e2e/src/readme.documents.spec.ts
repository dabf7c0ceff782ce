import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usersPath } from '@millrace/testing/users-path';
import { freePorts, startStack, type TestStack } from '@millrace/test-support/stack';

const workspace = join(import.meta.dirname, '../../..');

/**
 * True for a command that this run has already executed, or that `test/containers` executes on a
 * container engine.
 */
const isDoneElsewhere = (command: string): boolean =>
  ['npm ci', 'npm test'].includes(command) || command.startsWith('docker compose ');

/** Commands that would keep running, each with the form that ends after printing its table. */
const ending: ReadonlyMap<string, string> = new Map([
  ['npm start', 'npm start -- --once'],
  ['npm start -- --kafka', 'npm start -- --kafka --once'],
]);

const blocksOf = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

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
  const commands = lines
    .flatMap((line) => line.split(' && '))
    .filter((command) => command !== '' && !isDoneElsewhere(command));
  return [...new Set(commands.map((command) => ending.get(command) ?? command))];
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, dataFolder: string): Promise<Ended> {
  const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
  const environment = { ...inherited, ...freePorts, PATH: usersPath, MILLRACE_DATA: dataFolder };
  const child = spawn('sh', ['-c', command], {
    cwd: workspace,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

const blocksIn = (page: string) => blocksOf(readFileSync(join(workspace, page), 'utf8'));
const commands = commandsOf(blocksIn('README.md'));

describe('the commands of the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-readme-'));
  // When root runs this, PostgreSQL runs as another user, which needs access.
  chmodSync(folder, 0o755);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('start the system on the embedded broker and on Apache Kafka', () => {
    expect(commands).toEqual(['npm start -- --once', 'npm start -- --kafka --once']);
  });

  it.each(commands)('W05 %s works', async (command) => {
    // The two defaults differ in the same way.
    const data = join(folder, command.includes('--kafka') ? 'kafka-data' : 'data');
    const { code, stdout, stderr } = await run(command, data);
    expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
  });

  describe('for a first order', () => {
    let stack: TestStack;
    beforeAll(async () => (stack = await startStack()));
    afterAll(() => stack.stop());

    it('create a product, place the order, follow it to its end and show its saga', async () => {
      const [script = ''] = blocksIn('apps/order/README.md').filter(placesFirstOrder);
      const asked = script
        .replaceAll('localhost:3001', new URL(stack.urls.order).host)
        .replaceAll('localhost:3002', new URL(stack.urls.inventory).host);
      const { code, stdout } = await run(`set -e\n${asked}`, join(folder, 'unused'));

      expect(code).toBe(0);
      expect([...stdout.matchAll(/^event: (\w+)/gm)].map(([, type]) => type)).toEqual([
        'OrderCreated',
        'OrderCompleted',
        'end',
      ]);
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
        definition: 'fulfillment',
        steps: [
          { name: 'reserve' },
          { name: 'pay' },
          { name: 'ship' },
          { name: 'complete' },
          { name: 'commit' },
        ],
      });
    });
  });
});
