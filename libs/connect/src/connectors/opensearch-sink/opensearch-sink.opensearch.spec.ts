import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpenSearch, type TestOpenSearch } from '@millrace/testing/opensearch';
import { until } from '@millrace/testing/within';
import { openSuite } from '../../open-suite.fixture.ts';
import { RetriableConnectError } from '../../plugin/connect-error.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import { pluginTable } from '../../settings/plugin-table.ts';
import { jsonRecord, startSink } from '../sink-task.fixture.ts';
import { openSearchSink } from './opensearch-sink-connector.ts';

let server: TestOpenSearch;
beforeAll(async () => {
  server = await startOpenSearch();
}, 400_000);
afterEach(() => call('DELETE', '/user-events,millrace-connect-offsets?ignore_unavailable=true'), 90_000);
afterAll(() => server?.stop());

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what the answer has
type Body = any;

async function call(method: string, path: string, body?: object): Promise<Body> {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  return answer.json();
}

/** All documents of an index, by their ids. */
async function documents(index = 'user-events'): Promise<Readonly<Record<string, object>>> {
  await call('POST', `/${index}/_refresh`);
  const { hits } = await call('GET', `/${index}/_search?size=1000`);
  return Object.fromEntries(hits.hits.map(({ _id, _source }: Body) => [_id, _source]));
}

const start = (config: ConnectConfig = {}, more: { tolerates?: boolean } = {}) =>
  startSink({
    connector: openSearchSink,
    config: { 'connection.url': server.url, 'read.timeout.ms': '60000', ...config },
    ...more,
  });
const partitions = [{ topic: 'user-events', partition: 0 }];

describe('N70 the OpenSearch sink', () => {
  it('keeps the newest value of each key and deletes, and what comes again or late changes nothing', async () => {
    const { task } = await start({ 'behavior.on.null.values': 'delete', 'batch.size': '2' });
    const records = [
      jsonRecord(0, 'u1', { name: 'John', email: 'john@old.com' }),
      jsonRecord(1, 'u2', { name: 'Eve' }),
      jsonRecord(2, 'u1', { name: 'John', email: 'john@new.com' }),
      jsonRecord(3, 'u2', null),
      jsonRecord(4, 'u3', { name: 'Ada', n: 1 }),
    ];
    const kept = { u1: { name: 'John', email: 'john@new.com' }, u3: { name: 'Ada', n: 1 } };
    await task.put(records);
    expect(await documents()).toEqual(kept);
    for (const again of [records, records.slice(0, 2), records.slice(2)]) await task.put(again);
    await task.put([records[3]!]);
    expect(await documents()).toEqual(kept);
    expect(await call('GET', '/user-events/_doc/u1')).toMatchObject({ _version: 2 });
  });

  it('makes a document of each record if keys are ignored, and none twice', async () => {
    const { task } = await start({ 'topic.key.ignore': 'user-events' });
    const records = [jsonRecord(0, null, { n: 1 }), jsonRecord(1, null, { n: 2 }), jsonRecord(2, null, null)];
    await task.put(records);
    await task.put(records);
    expect(await documents()).toEqual({ 'user-events+0+0': { n: 1 }, 'user-events+0+1': { n: 2 } });
  });

  it('fails at a record that cannot be a document with its place, or puts it aside and writes the others', async () => {
    const records = [
      jsonRecord(0, 'a', { n: 1 }),
      jsonRecord(1, 'b', { n: 'text' }),
      jsonRecord(2, 'c', ['no object']),
      jsonRecord(3, null, { n: 2 }),
      jsonRecord(4, 'd', { n: 3 }),
    ];
    const strict = await start();
    await strict.task.put(records.slice(0, 1));
    await expect(strict.task.put(records.slice(1, 2))).rejects.toThrow(
      /offset 1 of partition 0 of topic user-events .*mapper_parsing_exception.*errors\.tolerance/,
    );
    await expect(strict.task.put(records.slice(2, 3))).rejects.toThrow(/its value is not an object/);
    await expect(strict.task.put(records.slice(3, 4))).rejects.toThrow(/set key\.ignore=true/);

    const { task, rejected } = await start({}, { tolerates: true });
    await task.put(records);
    expect(rejected.map((message) => /offset (\d)/.exec(message)?.[1]).sort()).toEqual(['1', '2', '3']);
    expect(await documents()).toEqual({ a: { n: 1 }, d: { n: 3 } });
  });

  it('goes on from its own offsets, fills an OpenSearch without its data again, and notices a new topic', async () => {
    const { task } = await start();
    expect(await task.assigned!(partitions)).toEqual([{ topic: 'user-events', partition: 0, offset: 0n }]);
    await task.put([jsonRecord(0, 'a', { n: 1 }), jsonRecord(1, 'b', { n: 1 })]);
    await task.flush!();
    const next = await start();
    expect(await next.task.assigned!(partitions)).toEqual([
      { topic: 'user-events', partition: 0, offset: 2n },
    ]);
    await expect(next.task.put([jsonRecord(0, 'a', { n: 2 })])).rejects.toThrow(
      /deleted and created again\. .*delete its indices in OpenSearch/,
    );
    await call('DELETE', '/user-events,millrace-connect-offsets');
    expect(await next.task.assigned!(partitions)).toEqual([
      { topic: 'user-events', partition: 0, offset: 0n },
    ]);
  });

  it('notices an OpenSearch that is away or silent, and asks the next address', async () => {
    const away = await start({ 'connection.url': `http://127.0.0.1:1,${server.url}` });
    await expect(away.task.put([jsonRecord(0, 'a', { n: 1 })])).rejects.toThrow(RetriableConnectError);
    await away.task.put([jsonRecord(0, 'a', { n: 1 })]);

    const { task } = await start({ 'read.timeout.ms': '2000' });
    const thaw = server.freeze();
    await expect(task.put([jsonRecord(1, 'a', { n: 2 })])).rejects.toThrow(
      /no answer within read\.timeout\.ms/,
    );
    thaw();
    await until(
      () =>
        task.put([jsonRecord(1, 'a', { n: 2 })]).then(
          () => true,
          () => false,
        ),
      (written) => written,
      60_000,
    );
    expect(await documents()).toEqual({ a: { n: 2 } });
  });

  it('writes every record of a topic once, posted as for Aiven’s connector and with OpenSearch killed', async () => {
    const suite = await openSuite();
    const count = 3_000;
    const values = (from: number) =>
      Array.from({ length: count }, (_, index) => JSON.stringify({ n: from + index }));
    try {
      await using worker = await suite.worker({ plugins: pluginTable({ connectors: [openSearchSink] }) });
      await suite.send('user-events', values(0));
      await worker.run('search', {
        'connector.class': 'io.aiven.kafka.connect.opensearch.OpensearchSinkConnector',
        topics: 'user-events',
        'connection.url': server.url,
        'read.timeout.ms': '60000',
        'batch.size': '100',
        'linger.ms': '10',
        'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable': 'false',
        'schema.ignore': 'true',
      });
      const start = await server.kill();
      await suite.send('user-events', values(count));
      await start();
      const found = await until(
        () => call('GET', '/_cat/count/user-events?format=json').catch(() => undefined),
        (rows) => Array.isArray(rows) && Number(rows[0]?.count) === count,
        120_000,
      );
      expect(found).toHaveLength(1);
      await until(
        () => call('GET', `/user-events/_doc/k${count - 1}`).catch(() => ({})),
        ({ _source }) => _source?.n === 2 * count - 1,
        120_000,
      );
      for (const user of [0, 500, count - 1])
        expect((await call('GET', `/user-events/_doc/k${user}`))._source).toEqual({ n: count + user });
      await worker.request('DELETE', '/connectors/search');
    } finally {
      await suite.close();
    }
  }, 300_000);
});
