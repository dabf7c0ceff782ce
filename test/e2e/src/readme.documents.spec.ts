import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usersPath } from '@millrace/testing/users-path';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { freePorts, startStack, type TestStack } from '@millrace/test-support/stack';

const workspace = join(import.meta.dirname, '../../..');

/** What this very run has done already, and what `test/containers` does on an engine. */
const isDoneElsewhere = (command: string): boolean =>
  ['npm ci', 'npm test'].includes(command) || command.startsWith('docker compose ');

/** Those that stay up are told to end after their table. */
const ending: ReadonlyMap<string, string> = new Map([
  ['npm start', 'npm start -- --once'],
  ['npm start -- --kafka', 'npm start -- --kafka --once'],
]);

/** The commands of the `sh` blocks, one per line, without comments. */
function commandsOf(markdown: string): readonly string[] {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
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

const all = commandsOf(readFileSync(join(workspace, 'README.md'), 'utf8'));
/** Those that ask a running order service, and those that start one. */
const asking = all.filter((command) => command.includes('localhost:3001'));
const commands = all.filter((command) => !asking.includes(command));

describe('the commands of the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-readme-'));
  chmodSync(folder, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are at least the start and its options', () => {
    expect(commands).toContain('npm start -- --once');
    expect(commands.length).toBeGreaterThanOrEqual(3);
  });

  it.each(commands)('%s works', async (command) => {
    const data = join(folder, command.includes('--kafka') ? 'kafka-data' : 'data'); // as the defaults do
    const { code, stdout, stderr } = await run(command, data);
    expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
  });

  describe('that ask about an order', () => {
    let stack: TestStack;
    beforeAll(async () => (stack = await startStack()));
    afterAll(() => stack.stop());

    it('show it, and end with it', async () => {
      const teller = new StoryTeller(stack.bootstrapServers);
      const shop = await openShop(stack, teller, { stock: { lamp: 1 }, accounts: { ada: 100_00 } }).finally(
        () => teller.close(),
      );
      const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
      await order.endsAs('completed');

      const answers = asking.map(async (command) => {
        const asked = command
          .replaceAll('localhost:3001', new URL(stack.urls.order).host)
          .replaceAll('ORDER_ID', order.orderId);
        return (await run(asked, join(folder, 'unused'))).stdout;
      });
      const types = (await Promise.all(answers)).map((answer) =>
        [...answer.matchAll(/^event: (\w+)/gm)].map(([, type]) => type),
      );
      expect(types).toEqual([['OrderCreated', 'OrderCompleted', 'end'], ['OrderCompleted', 'end'], []]);
      expect(JSON.parse((await answers.at(-1)) ?? '')).toMatchObject({
        orderId: order.orderId,
        status: 'completed',
      });
    });
  });
});
