import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agrees, comparableLines } from '@millrace/test-support/printed';
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

const folder = mkdtempSync(join(tmpdir(), 'millrace-readme-'));
const data = join(folder, 'data');
/** The system that the README starts, with its samples. */
let system: Running;
let hasEnded = false;
const hostOf = (service: string): string =>
  new RegExp(`^${service} +http://(\\S+)`, 'm').exec(system.stdout())?.[1] ?? '';

const onItsPorts = (script: string): string =>
  script.replaceAll('localhost:3001', hostOf('order')).replaceAll('localhost:3002', hostOf('inventory'));

beforeAll(async () => {
  // When root runs this, PostgreSQL runs as another user, which needs access.
  chmodSync(folder, 0o755);
  system = run('exec npm start -- --no-console', data);
  void system.ended.finally(() => (hasEnded = true));
  await until(
    () => `the table of addresses, after ${system.stdout()}`,
    240_000,
    () => system.stdout().includes('Ctrl-C stops'),
  );
});

afterAll(async () => {
  if (!hasEnded) process.kill(-system.group, 'SIGINT');
  await system.ended;
  rmSync(folder, { recursive: true, force: true });
});

interface Output {
  readonly page: string;
  /** Words of the block that shows the output of the commands before it. */
  readonly words: string;
  /** Reads the id that the reader puts in place of `ORDER`. By default, it is the last one printed. */
  readonly orderIn?: RegExp;
  /** The reader runs this before, to find that id. */
  readonly before?: string;
  /** The page shows what the commands print the second time. */
  readonly isRepeated?: true;
  /** Texts of the commands and of the output that are different in this system. */
  readonly changes?: Readonly<Record<string, string>>;
}

const outputs: readonly Output[] = [
  { page: 'saga', words: 'DEFINITION   STATUS', changes: { ' --limit 5': '' } },
  {
    page: 'saga',
    words: 'return version 1: completed',
    before: 'npm run millrace -- sagas list --state all',
    orderIn: /^(\S+) +return +completed/m,
  },
  { page: 'http-route', words: 'idempotent-replayed', isRepeated: true, changes: { 'curl -i': 'curl -is' } },
  {
    page: 'own-program',
    words: 'is on partition',
    changes: {
      'partition 4': 'partition ...',
      curl: 'curl -sf --retry 9 --retry-delay 1 --retry-all-errors',
    },
  },
  { page: 'read-model', words: 'EVENTS LEFT', changes: { 235: '...' } },
];

/** The block of a page that has these words, and the commands before it. */
function blocksWith(page: string, words: string): Readonly<Record<'commands' | 'shown', string>> {
  const text = readFileSync(join(workspace, `docs/how-to/${page}.md`), 'utf8');
  const blocks = [...text.matchAll(/^```(sh|text)\n([\s\S]*?)^```$/gm)].map(([, language, block = '']) => ({
    language,
    block,
  }));
  const at = blocks.findIndex(({ language, block }) => language === 'text' && block.includes(words));
  const commands = blocks.slice(0, Math.max(at, 0)).findLast(({ language }) => language === 'sh');
  if (commands === undefined) throw new Error(`${page}.md shows no output with "${words}"`);
  return { commands: commands.block, shown: blocks[at]?.block ?? '' };
}

/** The commands of a block, one by one. A body between quotes may have several lines. */
const eachOf = (block: string): readonly string[] => block.match(/^(?:'[^']*'|[^'\n])+$/gm) ?? [];

/** Runs commands and returns their output. Each one may name an order that the ones before have shown. */
async function printedBy(commands: readonly string[], orderIn: RegExp): Promise<string> {
  const status = run('npm run -s millrace -- status', data);
  await status.ended;
  const [, log = ''] = /^ +log +works +(\S+)/m.exec(status.stdout()) ?? [];
  let printed = '';
  for (const command of commands) {
    const order = [...printed.matchAll(new RegExp(orderIn, 'gm'))].at(-1)?.[1];
    const quiet = onItsPorts(command)
      .replace('npm run millrace', 'npm run -s millrace')
      .replaceAll('ORDER', () => order ?? 'ORDER');
    const running = run(`KAFKA_BOOTSTRAP_SERVERS=${log} ${quiet}`, data);
    const { code, stderr } = await running.ended;
    if (code !== 0) throw new Error(`${command}: code ${code}\n${running.stdout()}${stderr}`);
    printed += running.stdout();
  }
  return printed;
}

/** Any id. */
const anyId = /\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/;

describe('the output on a how-to page', () => {
  it.each(outputs)('is printed by this system: $page, $words', async (output) => {
    const { page, words, before = '', orderIn = anyId, isRepeated, changes = {} } = output;
    const { commands, shown } = blocksWith(page, words);
    const changed = (text: string) =>
      Object.entries(changes).reduce((left, [from, to]) => left.replaceAll(from, to), text);
    const asked = eachOf(changed(commands));
    const all = [...eachOf(before), ...asked, ...(isRepeated === true ? asked : [])];

    const printed = comparableLines(await printedBy(all, orderIn), 0);
    const missing = comparableLines(changed(shown), 0).filter(
      (line) => !printed.some((each) => agrees([each], [line])),
    );
    expect({ missing, printed: missing.length === 0 ? [] : printed }).toEqual({ missing: [], printed: [] });
  });
});

describe('the commands of the README', () => {
  it('W05 start the system, place a first order, follow it to its end and show its saga', async () => {
    expect(commandsOf(blocksIn('README.md'))).toEqual(['npm start']);
    const [script = ''] = blocksIn('apps/order/README.md').filter(placesFirstOrder);
    const placed = run(`set -e\n${onItsPorts(script)}`, join(folder, 'unused'));

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

    process.kill(-system.group, 'SIGINT');
    // The code of a stack whose samples ended differently is 1.
    expect(await system.ended).toEqual({ code: 0, stderr: '' });
  });
});
