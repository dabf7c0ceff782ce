import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';

const workspace = join(import.meta.dirname, '../../..');
let dataFolder: string;
let children: ChildProcess[] = [];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'millrace-broker-app-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  await rm(dataFolder, { recursive: true, force: true });
});

function launch(settings: Readonly<Record<string, string>> = {}) {
  const child = fork(join(workspace, 'apps/broker/src/main.ts'), [], {
    cwd: workspace,
    execArgv: ['--conditions=@millrace/source', '--import', join(workspace, 'tools/register.mjs')],
    env: { PATH: process.env.PATH, BROKER_PORT: '0', BROKER_DATA: join(dataFolder, 'broker'), ...settings },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = Promise.all([once(child, 'exit'), once(child.stderr!, 'close')]).then(([exit]) => exit as [number | null, string | null]);
  return { child, output: () => output, ended };
}

async function ready({ child, ended, output }: ReturnType<typeof launch>): Promise<string> {
  const early = ended.then(() => Promise.reject(new Error(`the broker ended before it was ready: ${output()}`)));
  const [message] = (await Promise.race([once(child, 'message'), early])) as [{ type: string; url: string }];
  expect(message.type).toBe('ready');
  return message.url;
}

describe('the broker as a process', () => {
  it('says where it listens, keeps its topics over a kill, and ends with 0 on SIGTERM', async () => {
    const first = launch();
    const admin = new Admin({ clientId: 'a', bootstrapBrokers: [await ready(first)] });
    await admin.createTopics({ topics: ['kept'], partitions: 2, replicas: 1 });
    await admin.close();
    first.child.kill('SIGKILL');
    await first.ended;
    const [line = ''] = first.output().split('\n');
    expect(JSON.parse(line)).toMatchObject({ level: 'info', service: 'broker', time: expect.stringMatching(/^\d{4}-.*Z$/) });

    const second = launch();
    const again = new Admin({ clientId: 'a', bootstrapBrokers: [await ready(second)] });
    expect(await again.listTopics()).toEqual(['kept']);
    await again.close();
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  });

  it('ends with 0 when the process that started it is gone', async () => {
    const broker = launch();
    await ready(broker);
    broker.child.disconnect();
    expect(await broker.ended).toEqual([0, null]);
  });

  it('says in one line that its port is taken, and ends with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const broker = launch({ BROKER_PORT: `${port}`, LOG_LEVEL: 'fatal' });
    expect(await broker.ended).toEqual([1, null]);
    expect(broker.output()).toMatch(new RegExp(`^broker: port ${port} on 127.0.0.1 is taken[^\n]*\n$`));
    other.close();
  });

  it.each([
    [{ BROKER_PORT: 'many' }, /^broker: [^\n]*BROKER_PORT[^\n]*\n$/],
    [{ BROKER_DATA: join(import.meta.filename, 'no-folder') }, /^broker: [^\n]*main\.int\.spec\.ts[^\n]*\n$/],
  ])('says in one line what is wrong with a setting, and ends with 1', async (settings: Record<string, string>, line) => {
    const broker = launch({ LOG_LEVEL: 'fatal', ...settings });
    expect(await broker.ended).toEqual([1, null]);
    expect(broker.output()).toMatch(line);
  });
});
