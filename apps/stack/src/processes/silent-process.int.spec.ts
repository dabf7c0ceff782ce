import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { openLog } from './bounded-log.ts';
import { launchNode } from './launch-node.ts';
import { openRegister } from './process-register.ts';
import { supervise, type Supervised } from './supervise.ts';

const repository = join(import.meta.dirname, '../../../..');

/** A program that is ready at once. SIGUSR2 blocks its event loop. */
const program = `process.on('SIGUSR2', () => { for (;;); });
process.send({ type: 'ready' });
`;

const until = within(60_000);
let workspace: string;
let part: Supervised;
let told: string[];

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'millrace-silent-'));
  await mkdir(join(workspace, 'apps/deaf/src'), { recursive: true });
  await symlink(join(repository, 'tools'), join(workspace, 'tools'));
  await symlink(join(repository, 'node_modules'), join(workspace, 'node_modules'));
  await writeFile(join(workspace, 'apps/deaf/src/main.ts'), program);
  told = [];
  const log = openLog(join(workspace, 'deaf.log'));
  const register = openRegister(join(workspace, 'processes.json'), () => {});
  const launch = launchNode({ name: 'deaf', app: 'deaf', environment: {} }, { workspace, log, register });
  part = supervise('deaf', launch, {
    logFile: log.file,
    unansweredMsMax: 3_000,
    onEnd: (name, how) => told.push(`${name} ended (${how})`),
    onBack: (name) => told.push(`${name} is back`),
    onSilent: ({ name, killed }) => told.push(`${name} is silent${killed ? ' and killed' : ''}`),
    onAnswer: (name) => told.push(`${name} answers again`),
  });
  await part.start();
});
afterEach(async () => {
  await part.stop();
  await rm(workspace, { recursive: true, force: true });
});

describe('a process of the stack', () => {
  it.each([
    ['that is stopped', 'SIGSTOP'],
    ['whose event loop is blocked', 'SIGUSR2'],
  ] as const)('R30 %s is killed and starts again', async (_what, signal) => {
    const before = part.pid!;
    process.kill(before, signal);
    await until(() => part.unansweredMs > 1_000, 'the process to be missed');
    await until(() => told.length >= 3, 'the process to be back');

    expect(told).toEqual(['deaf is silent and killed', 'deaf ended (SIGKILL)', 'deaf is back']);
    expect(part.pid).not.toBe(before);
    expect(part.starts).toBe(2);
    expect(part.lastEnd?.how).toBe('SIGKILL');
    expect(part.lastEnd?.unansweredMs).toBeGreaterThan(3_000);
    expect(part.unansweredMsMax).toBe(3_000);
  });
});
