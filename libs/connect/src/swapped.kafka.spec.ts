import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startKafkaConnect } from '@millrace/testing/kafka';
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
  const java = await startKafkaConnect({
    bootstrapServers: suite.broker.bootstrapServers,
    settings: { 'key.converter': text, 'value.converter': text },
  });
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
