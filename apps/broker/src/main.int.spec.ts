import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { within } from '@millrace/testing/within';
import { launchedBrokers, ready, readyMessage, workspace } from './launched-broker.fixture.ts';

const until = within(20_000);

/** ApiVersions, version 0, without a client id. */
const request = Buffer.from('0000000a' + '00120000' + '00000001' + 'ffff', 'hex');

/** The broker ignores a second signal within this time. */
const sameWishMs = 500;

/**
 * A client that sends requests but reads no answers, until every buffer between it and the broker
 * is full.
 */
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
  const brokers = launchedBrokers();
  const { launch } = brokers;

  it('logs its address, keeps its topics after a kill, and exits with 0 on SIGTERM', async () => {
    const first = launch();
    const client = { clientId: 'a', logger: silentLogger };
    const admin = connectAdmin({ ...client, bootstrapServers: [await ready(first)] });
    await admin.topics.create([{ name: 'kept', partitions: 2 }]);
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
    const again = connectAdmin({ ...client, bootstrapServers: [await ready(second)] });
    expect((await again.topics.list()).map(({ name }) => name)).toEqual(['kept']);
    await again.close();
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  });

  it('finishes its start before it exits with 0 on a SIGTERM', async () => {
    const identity = join(brokers.dataFolder, 'broker', 'meta.properties');
    const first = launch();
    await ready(first);
    first.child.kill('SIGTERM');
    await first.ended;
    const content = await readFile(identity);
    await rm(identity);
    spawnSync('mkfifo', [identity]);

    const second = launch();
    const pipe = await open(identity, 'w'); // opens once the broker reads it, which then waits
    second.child.kill('SIGTERM');
    await pipe.writeFile(content);
    await pipe.close();
    expect(await second.ended).toEqual([0, null]);
    expect(second.output()).toContain('broker closed');
  });

  it('exits with 0 when its parent process is gone', async () => {
    const broker = launch();
    await ready(broker);
    broker.child.disconnect();
    expect(await broker.ended).toEqual([0, null]);
  });

  it('exits when the npm that runs it is killed with kill -9', async () => {
    const program = programCommand('apps/broker/src/main.ts');
    const settings = {
      BROKER_PORT: '0',
      BROKER_HTTP_PORT: '0',
      BROKER_DATA: join(brokers.dataFolder, 'broker'),
    };
    const inPlaceOfNpm = spawn('sh', ['-c', '"$0" "$@"; exit', process.execPath, ...program], {
      cwd: workspace,
      env: { ...programEnvironment(), npm_lifecycle_event: 'broker', ...settings },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    brokers.add(inPlaceOfNpm);
    const lines = createInterface({ input: inPlaceOfNpm.stderr });
    const said: string[] = [];
    for await (const line of lines) {
      said.push((JSON.parse(line) as { readonly msg: string }).msg);
      if (line.includes('metrics and health are at')) inPlaceOfNpm.kill('SIGKILL');
    }
    expect(said.at(-1)).toBe('broker closed');
  });

  it('refuses a data folder that another broker uses', async () => {
    await readyMessage(launch());
    const second = launch({ LOG_LEVEL: 'fatal' });
    expect(await second.ended).toEqual([1, null]);
    expect(second.output()).toMatch(
      /^broker: data folder [^\n]* is in use by process \d+: stop it, or set another folder\n$/,
    );
  });

  it.each([
    ['after some seconds', [0], [0, null]],
    ['after some seconds when npm forwards the signal of the terminal', [0, 20], [0, null]],
    ['at once on a second signal', [0, 700], [1, null]],
  ])('L54 exits %s even if a client reads no answers', async (_, pausesMs, end) => {
    const broker = launch();
    const { url, http } = await readyMessage(broker);
    const port = Number(url.split(':').at(-1));
    const stuck = await clientThatTakesNothing(port, http);
    for (const pauseMs of pausesMs) {
      if (pauseMs > sameWishMs) await until(() => isRefused(port), 'the broker to handle the first signal');
      await pause(pauseMs);
      broker.child.kill('SIGTERM');
    }
    await until(() => isRefused(port), 'the broker to stop listening');
    expect(await broker.ended).toEqual(end);
    expect(broker.output().includes('exited before every request was answered')).toBe(end[0] === 1);
    stuck.destroy();
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('shuts down cleanly on %s from a terminal', async (signal) => {
    const broker = launch();
    await readyMessage(broker);
    broker.child.kill(signal);
    expect(await broker.ended).toEqual([0, null]);
    expect(broker.output()).toContain('broker closed');
  });

  it('answers /readyz and /metrics on its side port', async () => {
    const broker = launch();
    const { http } = await readyMessage(broker);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${http}/metrics`)).text()).toContain('process_cpu_seconds_total');
  });
});
