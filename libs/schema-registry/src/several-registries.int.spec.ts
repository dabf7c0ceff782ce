import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectLogReader, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { until } from '@millrace/testing/within';
import { startRegistry } from './registry.fixture.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startTestBroker({ settings: { 'group.initial.rebalance.delay.ms': '0' } });
}, 60_000);
afterAll(() => broker?.stop());

/** Registers a schema through a request line that names a host, as a client writes it to a proxy. */
async function sentTo(url: string, target: string) {
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/json' };
  const sent = request({ hostname, port, method: 'POST', path: target, headers });
  sent.end(JSON.stringify({ schema: '"string"' }));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

describe('several processes', () => {
  it('N44 give the same answers, because one of them writes and the others forward changes to it', async () => {
    const groupId = 'several';
    const where = { bootstrapServers: broker.bootstrapServers, topic: 'several', groupId };
    const first = await startRegistry(where);
    const second = await startRegistry(where);
    await until(() => first.store.leads || second.store.leads, Boolean, 30_000);
    for (const each of [first, second]) {
      const registered = await each.call('POST', `/subjects/${new URL(each.url).port}/versions`, {
        schema: '"string"',
      });
      expect(registered.body).toEqual({ id: 1 });
      const subjects = await each.call('GET', '/subjects');
      expect(subjects.body).toContain(new URL(each.url).port);
    }
    const [leader, follower] = first.store.leads ? [first, second] : [second, first];
    const named = await sentTo(follower.url, `http://host.invalid/subjects/named/versions`);
    expect(named).toEqual({ status: 200, body: '{"id":1}' });
    await leader[Symbol.asyncDispose]();
    const taken = await follower.call('POST', '/subjects/later/versions', { schema: '"long"' });
    expect(taken.body).toEqual({ id: 2 });

    const third = await startRegistry({ ...where, groupId: 'another' });
    expect((await third.call('GET', '/subjects')).body).toEqual(
      (await follower.call('GET', '/subjects')).body,
    );
    await third[Symbol.asyncDispose]();
    await follower[Symbol.asyncDispose]();
  }, 90_000);

  it("N43 write the records of Confluent's registry, and read those that it has written", async () => {
    const topic = 'exchanged';
    const connection = {
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'exchange',
      logger: silentLogger,
    };
    const ours = await startRegistry({
      bootstrapServers: broker.bootstrapServers,
      topic,
      groupId: 'exchange-1',
    });
    await ours.call('PUT', '/config/s', { compatibility: 'NONE' });
    await ours.call('POST', '/subjects/s/versions', { schema: '"string"' });
    await ours.call('DELETE', '/subjects/s');
    await using reader = connectLogReader({ ...connection, isolation: 'read_committed' });
    const fetched = await reader.fetch([{ topic, partition: 0, offset: 0n }]);
    expect(fetched[0]!.records.map(({ key, value }) => [String(key), String(value)])).toEqual([
      ['{"keytype":"CONFIG","subject":"s","magic":0}', '{"compatibilityLevel":"NONE"}'],
      [
        '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
        '{"subject":"s","version":1,"id":1,"schema":"\\"string\\"","deleted":false}',
      ],
      ['{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}', '{"subject":"s","version":1}'],
    ]);
    const put = (to: string, body: object) => ours.call('POST', `/subjects/${to}/versions`, body);
    await put('type', { schema: '{"type":"fixed","name":"a.F","size":2}' });
    const references = [{ name: 'a.F', subject: 'type', version: 1 }];
    await put('user', { schema: '{"type":"array","items":"a.F"}', references });
    await put('json', { schema: '{"type":"object"}', schemaType: 'JSON' });
    await put('gone', { schema: '"bytes"' });
    for (const query of ['', '?permanent=true']) await ours.call('DELETE', `/subjects/gone${query}`);
    await ours.call('PUT', '/mode/json', { mode: 'READONLY' });
    const asked = [
      '/subjects/s/versions?deleted=true',
      '/subjects/user/versions/1',
      '/subjects/type/versions/1/referencedby',
      '/subjects/json/versions/latest',
      '/subjects/gone/versions?deleted=true',
      '/config/s',
      '/mode/json',
    ];
    const answers = (of: typeof ours) => Promise.all(asked.map((path) => of.call('GET', path)));
    const before = await answers(ours);
    await ours[Symbol.asyncDispose]();

    await using producer = connectProducer(connection);
    const confluents = [
      ['{"keytype":"NOOP","magic":0}', null],
      ['{"keytype":"ASSOC","tenant":"default","resourceId":"r","magic":0}', '{"subject":"s"}'],
      ['{"keytype":"MODE","subject":null,"magic":0}', '{"mode":"READWRITE"}'],
      [
        '{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}',
        '{"subject":"t","version":1,"id":9,"md5":"x","references":[],"metadata":null,"ruleSet":null,"schema":"\\"long\\"","deleted":false}',
      ],
    ] as const;
    await producer.send(confluents.map(([key, value]) => ({ topic, key, value })));
    const again = await startRegistry({
      bootstrapServers: broker.bootstrapServers,
      topic,
      groupId: 'exchange-2',
    });
    expect(await answers(again)).toEqual(before);
    expect((await again.call('GET', '/schemas/ids/9')).body).toEqual({ schema: '"long"' });
    const next = await again.call('POST', '/subjects/u/versions', { schema: '"int"' });
    expect(next.body).toEqual({ id: 10 });
    await again[Symbol.asyncDispose]();
  }, 60_000);
});

describe('limits', () => {
  it('refuse too many subjects, settings and versions, and schemas that are too large', async () => {
    const limits = { schemaBytesMax: 1_000, subjectsMax: 1, versionsMax: 2 };
    const small = await startRegistry({
      bootstrapServers: broker.bootstrapServers,
      topic: 'limits',
      groupId: 'limits',
      limits,
    });
    const add = (to: string, schema: string) => small.call('POST', `/subjects/${to}/versions`, { schema });
    await small.call('PUT', '/config', { compatibility: 'NONE' });
    expect((await add('one', `"string"${' '.repeat(2_000)}`)).body).toMatchObject({ error_code: 42209 });
    for (const schema of ['"string"', '"int"']) expect((await add('one', schema)).status).toBe(200);
    expect((await add('one', '"long"')).body).toMatchObject({
      message: 'Subject one has 2 versions: delete some',
    });
    expect((await add('two', '"long"')).body).toMatchObject({ message: 'There are 1 subjects: delete some' });
    const settings = { compatibility: 'NONE', mode: 'READWRITE' };
    const set = (path: string) => small.call('PUT', path, settings);
    for (const path of ['/config/a', '/config/a', '/mode/a', '/mode'])
      expect((await set(path)).status).toBe(200);
    for (const path of ['/config/b', '/mode/b'])
      expect((await set(path)).body).toEqual({
        error_code: 42205,
        message: '1 subjects have settings: delete some',
      });
    await small[Symbol.asyncDispose]();
  }, 60_000);
});
