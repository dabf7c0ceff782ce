import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Admin } from '@platformatic/kafka';
import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { freePorts } from '@millrace/testing/kafka';
import { launchedBrokers, ready, readyMessage } from './launched-broker.fixture.ts';

describe('the broker as a process', () => {
  const brokers = launchedBrokers();
  const { launch } = brokers;

  it("takes Kafka's configs from a file, which options of the command line override", async () => {
    const file = join(brokers.dataFolder, 'server.properties');
    await writeFile(
      file,
      `listeners=PLAINTEXT://127.0.0.1:1\nlog.dirs=${join(brokers.dataFolder, 'elsewhere')}\nnum.partitions=3\nauto.create.topics.enable=true\n`,
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
    expect(existsSync(join(brokers.dataFolder, 'elsewhere/meta.properties'))).toBe(true);
  });

  it.each([
    ['default.replication.factor=3', /for replicas run Apache Kafka/],
    ['num.partitions=0', /num\.partitions=0 is invalid/],
    ['nmu.partitions=1', /nmu\.partitions is not a broker config/],
    ['ssl.keystore.location=x', /plaintext only/],
  ])('rejects a file that says %s', async (line, message) => {
    const file = join(brokers.dataFolder, 'server.properties');
    await writeFile(file, line);
    const broker = launch({ LOG_LEVEL: 'fatal' }, ['--config', file]);
    expect(await broker.ended).toEqual([1, null]);
    expect(broker.output()).toMatch(message);
  });

  it('prints its usage when an option is unknown', async () => {
    const broker = launch({}, ['--prot', '1']);
    expect(await broker.ended).toEqual([2, null]);
    expect(broker.output()).toMatch(/--prot[^]*npm run broker --/);
  });

  it('listens on IPv6 and gives clients the advertised name', async () => {
    const broker = launch({}, ['--host', '::', '--advertised-host', 'localhost']);
    const { url } = await readyMessage(broker);
    const port = Number(/^\[::\]:(\d+)$/.exec(url)?.[1]);
    const admin = connectAdmin({
      clientId: 'a',
      bootstrapServers: [`[::1]:${port}`],
      logger: silentLogger,
    });
    const { brokers } = await admin.describeCluster();
    expect(brokers).toEqual([expect.objectContaining({ host: 'localhost', port })]);
    await admin.close();
  });

  it('reports a taken port in one line and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const broker = launch({ BROKER_PORT: `${port}`, LOG_LEVEL: 'fatal' });
    expect(await broker.ended).toEqual([1, null]);
    expect(broker.output()).toMatch(new RegExp(`^broker: port ${port} on 127.0.0.1 is taken[^\n]*\n$`));
    other.close();
  });

  it('reports in one line where its metrics are when their default port is taken', async () => {
    const holder = createServer();
    holder.listen(9_404, '127.0.0.1');
    await once(holder, 'listening').catch(() => undefined); // another program may hold it already
    const [port] = await freePorts(1);
    const broker = launch({ BROKER_PORT: String(port), BROKER_HTTP_PORT: '' });
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
    ['an option', {}, ['--partitions-max', '110'], ''],
    ['a variable', { BROKER_PARTITIONS_MAX: '110' }, [], ''],
    ['the file', {}, [], 'millrace.partitions.max=110'],
  ])('limits the partitions to what %s says', async (_, settings, options, lines) => {
    const file = join(brokers.dataFolder, 'server.properties');
    await writeFile(file, lines);
    const broker = launch(settings, ['--config', file, ...options]);
    const admin = connectAdmin({
      clientId: 'a',
      bootstrapServers: [await ready(broker)],
      logger: silentLogger,
    });
    const create = (name: string, partitions: number) => admin.topics.create([{ name, partitions }]);
    await create('fits', 10);
    await expect(create('does-not-fit', 1)).rejects.toMatchObject({ code: 'broker_error' });
    expect((await admin.topics.list()).map(({ name }) => name)).toEqual(['fits']);
    await admin.close();
  });

  it.each([
    [{ BROKER_HOST: '0.0.0.0' }, /^broker: 0\.0\.0\.0 is every address: [^\n]*--advertised-host[^\n]*\n$/],
    [{ BROKER_HTTP_PORT: '99999' }, /^broker: [^\n]*BROKER_HTTP_PORT[^\n]*\n$/],
    [{ BROKER_PORT: 'many' }, /^broker: [^\n]*BROKER_PORT[^\n]*\n$/],
    [
      { BROKER_DATA: join(import.meta.filename, 'no-folder') },
      /^broker: [^\n]*settings\.int\.spec\.ts is a file, not a folder[^\n]*--data[^\n]*\n$/,
    ],
    [{ BROKER_DATA: '/proc/millrace' }, /^broker: data folder \/proc\/millrace [^\n]*--data[^\n]*\n$/],
  ])(
    'reports an invalid setting in one line and exits with 1',
    async (settings: Record<string, string>, line) => {
      const broker = launch({ LOG_LEVEL: 'fatal', ...settings });
      expect(await broker.ended).toEqual([1, null]);
      expect(broker.output()).toMatch(line);
    },
  );
});
