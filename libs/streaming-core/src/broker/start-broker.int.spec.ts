import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { metadata } from '../protocol/apis/metadata.ts';
import { WireClient } from '../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from './broker.fixture.ts';
import { startBroker } from './start-broker.ts';

const workspace = join(import.meta.dirname, '../../../..');

describe('a broker that is started with a port only', () => {
  it('L59 serves clients, and leaves nothing behind', async () => {
    const broker = await startBroker({ port: 0 });
    const client = await WireClient.connect(broker);
    await makeTopic(client, 'orders');
    expect((await produceBatch(client, { topic: 'orders' }, batchOf(['a']))).baseOffset).toBe(0n);
    expect(existsSync(join(broker.dataFolder, 'orders-0'))).toBe(true);
    client.close();

    await Promise.all([broker.close(), broker.close()]);
    expect(existsSync(broker.dataFolder)).toBe(false);
  });

  it('rejects an invalid port', async () => {
    await expect(startBroker({ port: 70_000 })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(/127\.0\.0\.1:70000: .*65536/),
    });
  });

  it('has its own log beside others', async () => {
    const [one, other] = await Promise.all([startBroker({ port: 0 }), startBroker({ port: 0 })]);
    expect(one.dataFolder).not.toBe(other.dataFolder);
    await Promise.all([one.close(), other.close()]);
  });
});

/** The program never calls `process.exit`. */
const program = `
  const { startBroker } = await import('./libs/streaming-core/src/broker/index.ts');
  const refused = await startBroker({ port: 0, properties: { 'num.partitions': '0' } }).catch(({ code }) => code);
  const broker = await startBroker({ port: 0 });
  await broker.close();
  console.log(JSON.stringify({ refused, dataFolder: broker.dataFolder }));
`;

describe('a plain program that starts and closes a broker', () => {
  let temporary: string;
  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'millrace-start-'));
  });
  afterEach(() => rm(temporary, { recursive: true, force: true }));

  it('L59 exits by itself and leaves no folder behind, not even after a rejected start', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@millrace/source', '--no-warnings', '--input-type=module', '-e', program],
      { cwd: workspace, env: { PATH: process.env.PATH, TMPDIR: temporary }, timeout: 60_000 },
    );
    expect(JSON.parse(stdout)).toEqual({
      refused: 'CONFIG_INVALID',
      dataFolder: expect.stringMatching(temporary),
    });
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe('starting a broker', () => {
  let fixture: BrokerFixture | undefined;
  afterEach(async () => {
    await fixture?.stop();
    fixture = undefined;
  });
  const open = async () => {
    fixture = await brokerFixture();
  };

  it('reports which port is taken, and releases the data folder', async () => {
    await open();
    const dataFolder = await mkdtemp(join(tmpdir(), `millrace-${randomUUID()}`));
    const { port } = fixture!.broker;
    await expect(startBroker({ dataFolder, port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`port ${port} on 127.0.0.1 is taken`),
    });
    const other = await startBroker({ dataFolder, port: 0 });
    await other.close();
    await rm(dataFolder, { recursive: true });
  });

  it('rejects a data folder that a running broker uses', async () => {
    await open();
    await expect(startBroker({ dataFolder: fixture!.dataFolder, port: 0 })).rejects.toThrow(/in use/);
  });

  it('reports a data folder that it cannot use', async () => {
    const dataFolder = join(import.meta.filename, 'no-folder');
    await expect(startBroker({ dataFolder, port: 0 })).rejects.toMatchObject({
      code: 'DATA_FOLDER_UNUSABLE',
      message: expect.stringMatching(
        /no-folder cannot be used .* choose a folder that this user can write to/,
      ),
    });
  });

  it('gives clients the advertised address', async () => {
    const other = await brokerFixture({ advertisedHost: 'broker.example.org', advertisedPort: 19_092 });
    const { brokers } = await (await other.client()).send(metadata, 12, { topics: [] });
    expect(brokers).toMatchObject([{ host: 'broker.example.org', port: 19_092 }]);
    expect(other.broker.port).not.toBe(19_092);
    await other.stop();
  });

  it('requires an advertised address when it listens on every address', async () => {
    const dataFolder = join(tmpdir(), `millrace-${randomUUID()}`);
    const code = 'ADVERTISED_HOST_MISSING';
    await expect(startBroker({ dataFolder, host: '0.0.0.0', port: 0 })).rejects.toMatchObject({ code });
    await expect(startBroker({ dataFolder, port: 0, advertisedHost: '0.0.0.0' })).rejects.toMatchObject({
      code,
    });
  });
});
