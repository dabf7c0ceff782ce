import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectLogReader } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { runPython } from '@millrace/test-support/python';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { runServiceProcess, type ServiceProcess } from '@millrace/testing/service';
import { installNodeClients } from './clients/install-node-clients.ts';

const run = promisify(execFile);
const here = import.meta.dirname;
const eventBytes = '063132330a636c69636b80b0a7cba163';
const event = { action: 'click', timestamp: 1_705_315_200_000, user_id: '123' };

let broker: TestBroker;
let registry: ServiceProcess;
let url = '';

beforeAll(async () => {
  broker = await startTestBroker();
  registry = runServiceProcess(join(here, '../../../apps/registry/src'), {
    MILLRACE_BUNDLE: 'off', // making the bundles takes longer than starting from source
    REGISTRY_PORT: '0',
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
  });
  ({ url } = await registry.ready);
  await using admin = connectAdmin(connection());
  await admin.topics.create(['user-events', 'page-events'].map((name) => ({ name, partitions: 1 })));
}, 120_000);
afterAll(async () => {
  registry?.kill('SIGTERM');
  await registry?.ended;
  await broker?.stop();
});

const connection = () => ({
  bootstrapServers: [broker.bootstrapServers],
  clientId: 'foreign-clients',
  logger: silentLogger,
});
const read = async (path: string) => (await (await fetch(`${url}${path}`)).json()) as { id: number };

describe("N45 G39 clients of Confluent's registry, against ours", () => {
  it("runs the guide's AvroProducer unchanged: the subject appears, and the event in Avro's bytes", async () => {
    const program = join(here, 'python/avro_producer.py');
    await runPython(join(here, 'python/run.py'), [broker.bootstrapServers, url, program]);

    const { id } = await read('/subjects/user-events-value/versions/latest');
    await using reader = connectLogReader(connection());
    const [fetched] = await reader.fetch([{ topic: 'user-events', partition: 0, offset: 0n }]);
    expect(fetched?.records.map(({ value }) => value?.toString('hex'))).toEqual([
      `00${id.toString(16).padStart(8, '0')}${eventBytes}`,
    ]);
  }, 120_000);

  it('serves the serializers of confluent-kafka: old readers read new data and the reverse', async () => {
    const printed = await runPython(join(here, 'python/serializers.py'), [
      broker.bootstrapServers,
      url,
      'page-events',
    ]);
    expect(printed.trim().split('\n')).toEqual([
      'refused 409 409',
      'wrong type: TypeError',
      expect.stringContaining('"user_id": "123"'),
      expect.stringContaining('"page": null'),
      'latest 2 of [1, 2]',
      'compatible True',
      'FULL',
    ]);
    const [ofOld, ofNew] = printed
      .split('\n')
      .filter((line) => line.startsWith('['))
      .map((line) => JSON.parse(line) as unknown);
    expect(ofOld).toEqual([event, event]);
    expect(ofNew).toEqual([
      { ...event, page: null },
      { ...event, page: '/' },
    ]);
  }, 120_000);

  it('serves @kafkajs/confluent-schema-registry', async () => {
    const folder = await installNodeClients();
    const program = join(here, 'clients/kafkajs.program.mjs');
    const { stdout } = await run(process.execPath, [program, folder, url, 'kafkajs-value']);
    const { id } = await read('/subjects/kafkajs-value/versions/latest');
    expect(JSON.parse(stdout)).toEqual({
      same: true,
      bytes: `00${id.toString(16).padStart(8, '0')}0631323380b0a7cba163`,
      decoded: { user_id: '123', timestamp: event.timestamp },
    });
  }, 300_000);

  it('serves @confluentinc/schemaregistry, with Avro and JSON Schema', async () => {
    const folder = await installNodeClients();
    const program = join(here, 'clients/confluent.program.mjs');
    const { stdout } = await run(process.execPath, [program, folder, url, 'confluent']);
    const { id } = await read('/subjects/confluent-value/versions/latest');
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      bytes: `00${id.toString(16).padStart(8, '0')}0631323380b0a7cba163`,
      decoded: { user_id: '123', timestamp: event.timestamp },
      decodedJson: { user_id: '123' },
    });
  }, 300_000);
});
