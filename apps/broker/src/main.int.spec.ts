import { fork, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { within } from '@millrace/testing/within';

const until = within(20_000);
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

function launch(settings: Readonly<Record<string, string>> = {}, options: readonly string[] = []) {
  const child = fork(join(workspace, 'apps/broker/src/main.ts'), [...options], {
    cwd: workspace,
    execArgv: ['--conditions=@millrace/source', '--import', join(workspace, 'tools/typescript/register.mjs')],
    env: {
      PATH: process.env.PATH,
      BROKER_PORT: '0',
      BROKER_HTTP_PORT: '0',
      BROKER_DATA: join(dataFolder, 'broker'),
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = Promise.all([once(child, 'exit'), once(child.stderr!, 'close')]).then(
    ([exit]) => exit as [number | null, string | null],
  );
  return { child, output: () => output, ended };
}

const ready = async (broker: ReturnType<typeof launch>): Promise<string> => (await readyMessage(broker)).url;

async function readyMessage({ child, ended, output }: ReturnType<typeof launch>) {
  const early = ended.then(() =>
    Promise.reject(new Error(`the broker ended before it was ready: ${output()}`)),
  );
  const [message] = (await Promise.race([once(child, 'message'), early])) as [
    { type: string; url: string; http: string },
  ];
  expect(message.type).toBe('ready');
  return message;
}

/** ApiVersions, version 0, without a client id. */
const request = Buffer.from('0000000a' + '00120000' + '00000001' + 'ffff', 'hex');

/** What follows a signal within this time is the same wish, by the broker's clock. */
const sameWishMs = 500;

/** Its answers fill every buffer between the broker and it. */
async function clientThatTakesNothing(port: number, http: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(Buffer.concat(Array.from({ length: 100_000 }, () => request)));
  const sent = async () =>
    Number(
      /^millrace_broker_sent_bytes_total (\d+)$/m.exec(await (await fetch(`${http}/metrics`)).text())?.[1],
    );
  await until(async () => {
    const before = await sent();
    await pause(250);
    return before > 100_000 && (await sent()) === before;
  }, 'all buffers to be full');
  return socket;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const refused = await once(socket, 'connect').then(
    () => false,
    () => true,
  );
  socket.destroy();
  return refused;
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
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      service: 'broker',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });

    const second = launch();
    const again = new Admin({ clientId: 'a', bootstrapBrokers: [await ready(second)] });
    expect(await again.listTopics()).toEqual(['kept']);
    await again.close();
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  });

  it('ends with 0 on a SIGTERM that comes while it starts, once the start is done', async () => {
    const identity = join(dataFolder, 'broker', 'meta.properties');
    const first = launch();
    await ready(first);
    first.child.kill('SIGTERM');
    await first.ended;
    const content = await readFile(identity);
    await rm(identity);
    spawnSync('mkfifo', [identity]);

    const second = launch();
    const pipe = await open(identity, 'w'); // once the broker is reading it, and waits
    second.child.kill('SIGTERM');
    await pipe.writeFile(content);
    await pipe.close();
    expect(await second.ended).toEqual([0, null]);
    expect(second.output()).toContain('broker closed');
  });

  it('ends with 0 when the process that started it is gone', async () => {
    const broker = launch();
    await ready(broker);
    broker.child.disconnect();
    expect(await broker.ended).toEqual([0, null]);
  });

  it('ends when npm, which ran it, is killed with -9', async () => {
    const program = [
      '--conditions=@millrace/source',
      '--import',
      './tools/typescript/register.mjs',
      'apps/broker/src/main.ts',
    ];
    const settings = { BROKER_PORT: '0', BROKER_HTTP_PORT: '0', BROKER_DATA: join(dataFolder, 'broker') };
    const inPlaceOfNpm = spawn('sh', ['-c', '"$0" "$@"; exit', process.execPath, ...program], {
      cwd: workspace,
      env: { PATH: process.env.PATH, npm_lifecycle_event: 'broker', ...settings },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(inPlaceOfNpm);
    const lines = createInterface({ input: inPlaceOfNpm.stderr });
    const said: string[] = [];
    for await (const line of lines) {
      said.push((JSON.parse(line) as { readonly msg: string }).msg);
      if (line.includes('metrics and health are at')) inPlaceOfNpm.kill('SIGKILL');
    }
    expect(said.at(-1)).toBe('broker closed');
  });

  it("takes Kafka's configs from a file, where an option of the command line comes first", async () => {
    const file = join(dataFolder, 'server.properties');
    await writeFile(
      file,
      `listeners=PLAINTEXT://127.0.0.1:1\nlog.dirs=${join(dataFolder, 'elsewhere')}\nnum.partitions=3\nauto.create.topics.enable=true\n`,
    );
    const broker = launch({ BROKER_PORT: '', BROKER_DATA: '' }, ['--config', file, '--port', '0']);
    const admin = new Admin({
      clientId: 'a',
      bootstrapBrokers: [await ready(broker)],
      autocreateTopics: true,
    });
    const { topics } = await admin.metadata({ topics: ['made-by-asking'] });
    expect(topics.get('made-by-asking')?.partitionsCount).toBe(3);
    await admin.close();
    expect(existsSync(join(dataFolder, 'elsewhere/meta.properties'))).toBe(true);
  });

  it.each([
    ['default.replication.factor=3', /for replicas run Apache Kafka/],
    ['num.partitions=0', /num\.partitions=0 is not possible/],
    ['nmu.partitions=1', /nmu\.partitions is no broker config/],
    ['ssl.keystore.location=x', /plaintext only/],
  ])('refuses a file that says %s', async (line, message) => {
    const file = join(dataFolder, 'server.properties');
    await writeFile(file, line);
    const broker = launch({ LOG_LEVEL: 'fatal' }, ['--config', file]);
    expect(await broker.ended).toEqual([1, null]);
    expect(broker.output()).toMatch(message);
  });

  it('shows how it is used, also to who asks for what there is not', async () => {
    const broker = launch({}, ['--prot', '1']);
    expect(await broker.ended).toEqual([2, null]);
    expect(broker.output()).toMatch(/--prot[^]*npm run broker --/);
  });

  it('listens on IPv6, and tells clients the name that they can reach it by', async () => {
    const broker = launch({}, ['--host', '::', '--advertised-host', 'localhost']);
    const { url } = await readyMessage(broker);
    const port = Number(/^\[::\]:(\d+)$/.exec(url)?.[1]);
    const admin = new Admin({ clientId: 'a', bootstrapBrokers: [`[::1]:${port}`] });
    const { brokers } = await admin.metadata({ topics: [] });
    expect([...brokers.values()]).toEqual([expect.objectContaining({ host: 'localhost', port })]);
    await admin.close();
  });

  it('takes the folder of a broker that runs from nobody', async () => {
    await readyMessage(launch());
    const second = launch({ LOG_LEVEL: 'fatal' });
    expect(await second.ended).toEqual([1, null]);
    expect(second.output()).toMatch(
      /^broker: data folder [^\n]* is in use by process \d+: stop it, or set another folder\n$/,
    );
  });

  it.each([
    ['after some seconds', [0], [0, null]],
    ['after some seconds when npm passes on what the terminal sent', [0, 20], [0, null]],
    ['at once when it is told again', [0, 700], [1, null]],
  ])('ends %s though a client takes no answers', async (_, pausesMs, end) => {
    const broker = launch();
    const { url, http } = await readyMessage(broker);
    const port = Number(url.split(':').at(-1));
    const stuck = await clientThatTakesNothing(port, http);
    for (const pauseMs of pausesMs) {
      if (pauseMs > sameWishMs) await until(() => isRefused(port), 'the first one to be heard');
      await pause(pauseMs);
      broker.child.kill('SIGTERM');
    }
    await until(() => isRefused(port), 'nobody to listen any more');
    expect(await broker.ended).toEqual(end);
    expect(broker.output().includes('ended before all was answered')).toBe(end[0] === 1);
    stuck.destroy();
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('ends as in order on %s, the terminal\u2019s', async (signal) => {
    const broker = launch();
    await readyMessage(broker);
    broker.child.kill(signal);
    expect(await broker.ended).toEqual([0, null]);
    expect(broker.output()).toContain('broker closed');
  });

  it('says that it is alive and ready on its side port, with metrics', async () => {
    const broker = launch();
    const { http } = await readyMessage(broker);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${http}/metrics`)).text()).toContain('process_cpu_seconds_total');
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

  it('says in one line where its metrics are when the port for them is taken', async () => {
    const holder = createServer();
    holder.listen(9_404, '127.0.0.1');
    await once(holder, 'listening').catch(() => undefined); // another program holds it
    const broker = launch({ BROKER_PORT: String(await freePort()), BROKER_HTTP_PORT: '' });
    const { http } = await readyMessage(broker);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    const lines = broker
      .output()
      .split('\n')
      .filter((line) => line.includes('metrics and health'));
    expect(lines).toEqual([
      expect.stringContaining(`port 9404 is taken: metrics and health are at ${http}; `),
    ]);
    holder.close();
  });

  it.each([
    ['by an option', {}, ['--partitions-max', '110'], ''],
    ['by a variable', { BROKER_PARTITIONS_MAX: '110' }, [], ''],
    ['by the file', {}, [], 'millrace.partitions.max=110'],
  ])('takes as many partitions as it is told %s', async (_, settings, options, lines) => {
    const file = join(dataFolder, 'server.properties');
    await writeFile(file, lines);
    const broker = launch(settings, ['--config', file, ...options]);
    const admin = new Admin({ clientId: 'a', bootstrapBrokers: [await ready(broker)] });
    const create = (name: string, partitions: number) =>
      admin.createTopics({ topics: [name], partitions, replicas: 1 });
    await create('fits', 10);
    await expect(create('does-not-fit', 1)).rejects.toThrow();
    expect(await admin.listTopics()).toEqual(['fits']);
    await admin.close();
  });

  it.each([
    [{ BROKER_HOST: '0.0.0.0' }, /^broker: 0\.0\.0\.0 is every address: [^\n]*--advertised-host[^\n]*\n$/],
    [{ BROKER_HTTP_PORT: '99999' }, /^broker: [^\n]*BROKER_HTTP_PORT[^\n]*\n$/],
    [{ BROKER_PORT: 'many' }, /^broker: [^\n]*BROKER_PORT[^\n]*\n$/],
    [
      { BROKER_DATA: join(import.meta.filename, 'no-folder') },
      /^broker: [^\n]*main\.int\.spec\.ts is a file, not a folder[^\n]*--data[^\n]*\n$/,
    ],
    [{ BROKER_DATA: '/proc/millrace' }, /^broker: data folder \/proc\/millrace [^\n]*--data[^\n]*\n$/],
  ])(
    'says in one line what is wrong with a setting, and ends with 1',
    async (settings: Record<string, string>, line) => {
      const broker = launch({ LOG_LEVEL: 'fatal', ...settings });
      expect(await broker.ended).toEqual([1, null]);
      expect(broker.output()).toMatch(line);
    },
  );
});
