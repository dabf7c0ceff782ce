import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openSuite, type Suite } from './open-suite.fixture.ts';
import type { TestWorker } from './worker.fixture.ts';

let suite: Suite;
let worker: TestWorker;

beforeAll(async () => {
  suite = await openSuite();
  worker = await suite.worker();
}, 60_000);

afterAll(async () => {
  await worker?.stop();
  await suite?.close();
});

const config = { 'connector.class': 'counting', topic: 'shown', count: 3 };
const complete = { name: 'shown', 'connector.class': 'counting', topic: 'shown', count: '3' };

describe('the REST interface', () => {
  it('creates, shows, changes and deletes a connector with the codes and forms of Kafka Connect', async () => {
    const info = {
      name: 'shown',
      config: complete,
      tasks: [{ connector: 'shown', task: 0 }],
      type: 'source',
    };
    expect(await worker.request('POST', '/connectors', { name: 'shown', config })).toEqual({
      status: 201,
      body: info,
    });
    expect(await worker.request('POST', '/connectors', { name: 'shown', config })).toEqual({
      status: 409,
      body: { error_code: 409, message: 'Connector shown already exists' },
    });
    await worker.has('shown', 'RUNNING');
    const status = {
      name: 'shown',
      connector: { state: 'RUNNING', worker_id: new URL(worker.url).host },
      tasks: [{ id: 0, state: 'RUNNING', worker_id: new URL(worker.url).host }],
      type: 'source',
    };
    expect(await worker.request('GET', '/connectors')).toEqual({ status: 200, body: ['shown'] });
    expect(await worker.request('GET', '/connectors?expand=status&expand=info')).toEqual({
      status: 200,
      body: { shown: { info, status } },
    });
    expect(await worker.request('GET', '/connectors/shown')).toEqual({ status: 200, body: info });
    expect(await worker.request('GET', '/connectors/shown/status')).toEqual({ status: 200, body: status });
    expect(await worker.request('GET', '/connectors/shown/tasks/0/status')).toEqual({
      status: 200,
      body: status.tasks[0],
    });
    expect((await worker.request('GET', '/connectors/shown/config')).body).toEqual(complete);
    expect((await worker.request('PUT', '/connectors/shown/config', { ...config, count: '4' })).status).toBe(
      200,
    );
    expect((await worker.request('PUT', '/connectors/second/config', config)).status).toBe(201);
    const patched = await worker.request('PATCH', '/connectors/shown/config', { count: '5' });
    expect(patched.body.config).toEqual({ ...complete, count: '5' });
    expect(
      (await worker.request('PATCH', '/connectors/shown/config', { name: 'other' })).body.message,
    ).toContain("doesn't match connector name in the URL (shown)");
    expect((await worker.request('PUT', '/connectors/shown/stop')).status).toBe(204);
    expect((await worker.request('PUT', '/connectors/shown/topics/reset')).status).toBe(202);
    expect(await worker.request('DELETE', '/connectors/shown')).toEqual({ status: 204, body: undefined });
    expect(await worker.request('DELETE', '/connectors/second')).toEqual({ status: 204, body: undefined });
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/status'],
      ['GET', '/tasks'],
      ['PUT', '/pause'],
      ['POST', '/restart'],
      ['GET', '/offsets'],
    ] as const)
      expect(await worker.request(method, `/connectors/shown${path}`)).toEqual({
        status: 404,
        body: { error_code: 404, message: 'Connector shown not found' },
      });
  }, 60_000);

  it('says what the worker is and can run', async () => {
    expect((await worker.request('GET', '/')).body).toEqual({
      version: expect.stringMatching(/^\d/),
      commit: expect.any(String),
      kafka_cluster_id: expect.any(String),
    });
    expect((await worker.request('GET', '/connector-plugins')).body).toEqual([
      { class: 'test.CountingSource', type: 'source', version: '1' },
      { class: 'test.FileLinesSink', type: 'sink', version: '1' },
    ]);
    const all = await worker.request('GET', '/connector-plugins?connectorsOnly=false');
    expect(all.body).toContainEqual(
      expect.objectContaining({ class: 'org.apache.kafka.connect.json.JsonConverter', type: 'converter' }),
    );
    const settings = await worker.request('GET', '/connector-plugins/counting/config');
    expect(settings.body).toContainEqual(
      expect.objectContaining({ name: 'count', type: 'INT', required: true }),
    );
    expect((await worker.request('GET', '/unknown')).body).toEqual({
      error_code: 404,
      message: 'HTTP 404 Not Found',
    });
    expect((await worker.request('PATCH', '/connectors')).status).toBe(405);
  });

  it('changes the level of the log', async () => {
    expect((await worker.request('PUT', '/admin/loggers/root', { level: 'warn' })).body).toEqual(['root']);
    expect((await worker.request('GET', '/admin/loggers')).body).toEqual({
      root: { level: 'WARN', last_modified: expect.any(Number) },
    });
    expect((await worker.request('PUT', '/admin/loggers/root', { level: 'loud' })).status).toBe(400);
    for (const name of ['other', 'constructor'])
      expect((await worker.request('GET', `/admin/loggers/${name}`)).status).toBe(404);
  });

  it('N32 refuses wrong fields, unknown settings by name, and foreign connectors with the remedy', async () => {
    const wrong = {
      'connector.class': 'test.FileLinesSink',
      'tasks.max': '0',
      'errors.tolerance': 'some',
      'key.converter': 'Missing',
      transforms: 'route',
      'transforms.route.type': 'RegexRouter',
      'transforms.route.regex': '(',
      'transforms.route.replacement': 'x',
      fiel: '/tmp/x',
    };
    const { status, body } = await worker.request(
      'PUT',
      '/connector-plugins/test.FileLinesSink/config/validate',
      wrong,
    );
    expect(status).toBe(200);
    const errors = Object.fromEntries(
      body.configs.flatMap(({ value }: { value: { name: string; errors: readonly string[] } }) =>
        value.errors.length > 0 ? [[value.name, value.errors[0]]] : [],
      ),
    );
    expect(errors).toEqual({
      name: 'Missing required configuration "name" which has no default value.',
      'tasks.max': 'Invalid value 0 for configuration tasks.max: Value must be at least 1',
      'errors.tolerance':
        'Invalid value some for configuration errors.tolerance: Value must be one of: none, all',
      'key.converter': expect.stringContaining('Class Missing could not be found'),
      'transforms.route.regex': expect.stringContaining('Invalid regular expression: (:'),
      file: 'Missing required configuration "file" which has no default value.',
      fiel: 'test.FileLinesSink has no setting fiel: correct its name, or remove it',
      topics: 'Must configure one of topics or topics.regex',
    });
    expect(body.error_count).toBe(8);
    const created = await worker.request('POST', '/connectors', { name: 'wrong', config: wrong });
    expect(created.status).toBe(400);
    expect(created.body.message).toContain(
      'is invalid and contains the following 7 error(s):\nInvalid value 0',
    );

    const foreign = await worker.request('POST', '/connectors', {
      name: 'far',
      config: { 'connector.class': 'test.Elsewhere' },
    });
    expect(foreign.status).toBe(400);
    expect(foreign.body.message).toContain('run Kafka Connect with it');
    const noObject = await worker.request('POST', '/connectors', { name: 'far', config: { topic: ['a'] } });
    expect(noObject.body).toEqual({
      error_code: 400,
      message: 'topic: the value of a setting is a string, not ["a"]',
    });
    const large = await worker.request('POST', '/connectors', {
      name: 'large',
      config: { ...config, 'topic.creation.default.cleanup.policy': 'x'.repeat(500_000) },
    });
    expect(large).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('at most 500000') },
    });
    const file = join(suite.folder, 'x');
    const withTasks = (count: string) =>
      worker.request('POST', '/connectors', {
        name: 'many',
        config: {
          'connector.class': 'test.FileLinesSink',
          'tasks.max': count,
          topics: 't'.repeat(20_000),
          file,
        },
      });
    const many = await withTasks('1000');
    expect(many).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('lower tasks.max') },
    });
    expect((await withTasks('abc')).body.message).toContain('contains the following 1 error(s)');
    const dead = { topics: 'a,b', file, 'errors.deadletterqueue.topic.name': 'b' };
    const circle = await worker.request('PUT', '/connectors/far/config', {
      'connector.class': 'test.FileLinesSink',
      ...dead,
    });
    expect(circle.body.message).toContain('the dead letter queue b must not be one of the topics');
  });
});
