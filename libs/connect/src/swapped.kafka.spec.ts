import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { freePorts, kafkaTool } from '@millrace/testing/kafka';
import { until } from '@millrace/testing/within';
import { fileStreamSink } from './connectors/file/file-stream-sink.ts';
import { fileStreamSource } from './connectors/file/file-stream-source.ts';
import { pluginTable } from './index.ts';
import { openSuite, type Suite } from './open-suite.fixture.ts';
import { requested } from './worker.fixture.ts';

let suite: Suite;
const plugins = pluginTable({ connectors: [fileStreamSource, fileStreamSink] });
const text = 'org.apache.kafka.connect.storage.StringConverter';

beforeAll(async () => {
  suite = await openSuite();
}, 60_000);
afterAll(() => suite?.close());

/** Starts a worker of Kafka's own Connect on the same topics of state. */
async function startJavaWorker() {
  const [port = 0] = await freePorts(1);
  const settings = {
    'bootstrap.servers': suite.broker.bootstrapServers,
    'group.id': 'java-cluster',
    'key.converter': text,
    'value.converter': text,
    'config.storage.topic': 'connect-configs',
    'offset.storage.topic': 'connect-offsets',
    'status.storage.topic': 'connect-status',
    'offset.flush.interval.ms': '500',
    listeners: `http://127.0.0.1:${port}`,
    'plugin.discovery': 'hybrid_warn',
  };
  const file = join(suite.folder, 'java.properties');
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const stopping = new AbortController();
  const options = { heapMegabytesMax: 512, limitMs: 240_000, signal: stopping.signal };
  const ended = kafkaTool('org.apache.kafka.connect.cli.ConnectDistributed', [file], options).catch(
    (error: unknown) => String(error),
  );
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    ended,
    async kill() {
      stopping.abort();
      await ended;
    },
  };
}

const values = async (count: number) =>
  (await suite.records('swapped', count)).map(({ value }) => String(value));

it("N36 Kafka's own Connect continues from our topics of state, and ours from its", async () => {
  const input = join(suite.folder, 'input');
  const output = join(suite.folder, 'output');
  await writeFile(input, 'a\nb\n');
  const first = await suite.worker({ plugins });
  await first.run('lines', {
    'connector.class': 'FileStreamSource',
    file: input,
    topic: 'swapped',
    'value.converter': text,
  });
  await first.run('copy', {
    'connector.class': 'FileStreamSink',
    file: output,
    topics: 'swapped',
    'value.converter': text,
  });
  expect(await values(2)).toEqual(['a', 'b']);
  await first.stop();

  await appendFile(input, 'c\nd\n');
  const java = await startJavaWorker();
  await until(
    () => requested(java.url, 'GET', '/connectors?expand=status').catch(() => ({ status: 0, body: {} })),
    ({ body }) =>
      ['lines', 'copy'].every((name) => {
        const status = body[name]?.status;
        return status?.connector.state === 'RUNNING' && status.tasks[0]?.state === 'RUNNING';
      }),
    150_000,
  );
  expect(await values(4)).toEqual(['a', 'b', 'c', 'd']);
  const { body } = await until(
    () => requested(java.url, 'GET', '/connectors/lines/offsets'),
    (answer) => answer.body.offsets?.[0]?.offset.position === 8,
    60_000,
  );
  expect(body).toEqual({ offsets: [{ partition: { filename: input }, offset: { position: 8 } }] });
  await requested(java.url, 'PUT', '/connectors/lines/pause');
  await until(
    () => requested(java.url, 'GET', '/connectors/lines/status'),
    (answer) => answer.body.tasks[0]?.state === 'PAUSED',
    30_000,
  );
  await java.kill();

  await appendFile(input, 'e\n');
  await using second = await suite.worker({ plugins });
  await second.has('lines', 'PAUSED');
  await second.has('copy', 'RUNNING');
  await second.request('PUT', '/connectors/lines/resume');
  expect(await values(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect((await second.request('GET', '/connectors/lines/offsets')).body).toEqual({
    offsets: [{ partition: { filename: input }, offset: { position: 10 } }],
  });
}, 400_000);
