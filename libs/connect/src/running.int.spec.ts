import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
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

const source = (topic: string, more: object = {}) =>
  ({ 'connector.class': 'counting', topic, ...more }) as Record<string, string>;
const sink = (topics: string, file: string, more: object = {}) =>
  ({ 'connector.class': 'test.FileLinesSink', topics, file: join(suite.folder, file), ...more }) as Record<
    string,
    string
  >;
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('a source', () => {
  it('writes records and offsets together, and resumes at its offset after a change', async () => {
    await worker.run(
      'numbers',
      source('numbers', { count: '1000', 'topic.creation.default.retention.ms': '86400000' }),
    );
    await suite.records('numbers', 1_000);
    await worker.request('PUT', '/connectors/numbers/config', source('numbers', { count: '2000' }));
    const records = await suite.records('numbers', 2_000);

    expect(records.map(({ value }) => JSON.parse(String(value)).n)).toEqual(numbers(1, 2_000));
    expect(records[0]?.key?.toString()).toBe('"k1"');
    const { body } = await worker.request('GET', '/connectors/numbers/offsets');
    expect(body).toEqual({ offsets: [{ partition: { counter: 'c' }, offset: { n: 2_000 } }] });
    expect((await worker.request('GET', '/connectors/numbers/topics')).body).toEqual({
      numbers: { topics: ['numbers'] },
    });
  }, 60_000);

  it('begins at the offset that an operator sets while it is stopped', async () => {
    await worker.run('moved', source('moved', { count: '10' }));
    await suite.records('moved', 10);
    const refused = await worker.request('DELETE', '/connectors/moved/offsets');
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain(
      "issuing a 'PUT' request to the '/connectors/moved/stop' endpoint",
    );

    await worker.request('PUT', '/connectors/moved/stop');
    await worker.has('moved', 'STOPPED');
    for (const [one, message] of [
      [null, 'offsets[1]: give an object of "partition" and "offset"'],
      [{ partition: null, offset: { n: 7 } }, 'offsets[1].partition: give a JSON object, as GET'],
      [{ offset: { n: 7 } }, 'offsets[1].partition: give a JSON object, as GET'],
      [{ partition: { counter: 'c' }, offset: 7 }, 'offsets[1].offset: give a JSON object, as GET'],
      [{ partition: { counter: 'c' }, offset: [7] }, 'or null, which deletes the offset'],
    ] as const)
      expect(
        await worker.request('PATCH', '/connectors/moved/offsets', {
          offsets: [{ partition: { counter: 'c' }, offset: null }, one],
        }),
      ).toEqual({ status: 400, body: { error_code: 400, message: expect.stringContaining(message) } });
    const offsets = [{ partition: { counter: 'c' }, offset: { n: 7 } }];
    expect((await worker.request('PATCH', '/connectors/moved/offsets', { offsets })).status).toBe(200);
    await worker.request('PUT', '/connectors/moved/resume');
    const again = await suite.records('moved', 13);
    expect(again.map(({ value }) => JSON.parse(String(value)).n)).toEqual([...numbers(1, 10), 8, 9, 10]);

    await worker.request('PUT', '/connectors/moved/stop');
    await worker.has('moved', 'STOPPED');
    expect((await worker.request('DELETE', '/connectors/moved/offsets')).status).toBe(200);
    expect((await worker.request('GET', '/connectors/moved/offsets')).body).toEqual({ offsets: [] });
  }, 60_000);

  it('fails with a trace, and is restarted', async () => {
    await worker.request('POST', '/connectors', {
      name: 'failing',
      config: source('failing', { count: '500', 'fail.at': '300' }),
    });
    const failed = await until(
      () => worker.request('GET', '/connectors/failing/status'),
      ({ body }) => body?.tasks?.[0]?.state === 'FAILED',
      30_000,
    );
    expect(failed.body.tasks[0].trace).toContain('Error: counted too far');
    expect(failed.body.connector.state).toBe('RUNNING');
    expect(failed.body.tasks[0].worker_id).toBe(new URL(worker.url).host);

    await worker.request('PATCH', '/connectors/failing/config', { 'fail.at': null });
    await worker.has('failing', 'RUNNING');
    expect(await suite.records('failing', 500)).toHaveLength(500);
    expect((await worker.request('POST', '/connectors/failing/tasks/0/restart')).status).toBe(204);
    expect(
      (await worker.request('POST', '/connectors/failing/restart?includeTasks=true&onlyFailed=false')).status,
    ).toBe(202);
    await worker.has('failing', 'RUNNING');
  }, 60_000);
});

describe('a sink', () => {
  it('writes the records of the log, does nothing while paused, and reads from offset 0 on request', async () => {
    await suite.send(
      'shelves',
      numbers(1, 100).map((n) => JSON.stringify({ n })),
      3,
    );
    await worker.run('shelves', sink('shelves', 'shelves', { 'tasks.max': '2' }));
    await suite.lines('shelves', (lines) => lines.length === 100);
    await worker.request('PUT', '/connectors/shelves/pause');
    await worker.has('shelves', 'PAUSED');
    await suite.send('shelves', ['{"n":101}'], 3);
    await worker.request('PUT', '/connectors/shelves/resume');
    await worker.has('shelves', 'RUNNING');
    const lines = await suite.lines('shelves', ({ length }) => length >= 101);
    expect(new Set(lines.map(({ value }) => value?.n)).size).toBe(101);

    const total = async () => {
      const { body } = await worker.request('GET', '/connectors/shelves/offsets');
      return body.offsets.reduce(
        (sum: number, { offset }: { offset: { kafka_offset: number } }) => sum + offset.kafka_offset,
        0,
      );
    };
    await until(total, (sum) => sum === 101, 30_000);
    await worker.request('PUT', '/connectors/shelves/stop');
    await worker.has('shelves', 'STOPPED');
    const change = (partition: object, offset: object | null) =>
      worker.request('PATCH', '/connectors/shelves/offsets', { offsets: [{ partition, offset }] });
    const partition = { kafka_topic: 'shelves', kafka_partition: '1' };
    for (const [wrong, offset, field] of [
      [{ kafka_partition: 1 }, null, 'partition.kafka_topic'],
      [{ kafka_topic: 'shelves' }, null, 'partition.kafka_partition'],
      [{ ...partition, kafka_partition: null }, null, 'partition.kafka_partition'],
      [partition, {}, 'offset.kafka_offset'],
      [partition, { kafka_offset: -1 }, 'offset.kafka_offset'],
      [partition, { kafka_offset: 2 ** 53 }, 'offset.kafka_offset'],
    ] as const)
      expect((await change(wrong, offset)).body.message).toContain(`offsets[0].${field}: give`);
    const moved = await change(partition, { kafka_offset: '0' });
    expect(moved.body).toEqual({ message: 'The offsets for this connector have been altered successfully' });
    await worker.request('PUT', '/connectors/shelves/resume');
    await suite.lines('shelves', ({ length }) => length === 101 + 33);
  }, 90_000);

  it("reads the topics whose names its expression matches, in Java's syntax", async () => {
    const { topics: _none, ...config } = sink('', 'matched', { 'topics.regex': '(?i)\\QMatched.\\E[ab]' });
    await worker.run('matched', config);
    for (const topic of ['matched.a', 'matched.b', 'matched.c', 'matched-a'])
      await suite.send(topic, [`{"n":"${topic}"}`]);
    const lines = await suite.lines('matched', ({ length }) => length === 2);
    expect(lines.map(({ value }) => value?.n).sort()).toEqual(['matched.a', 'matched.b']);
  }, 60_000);

  it('N35 fails at a record that it cannot convert, and names its offset', async () => {
    await suite.send('torn', ['{"n":1}', 'no JSON']);
    await worker.request('POST', '/connectors', { name: 'torn', config: sink('torn', 'torn') });
    const { body } = await until(
      () => worker.request('GET', '/connectors/torn/status'),
      (answer) => answer.body?.tasks?.[0]?.state === 'FAILED',
      30_000,
    );
    expect(body.tasks[0].trace).toContain('VALUE_CONVERTER of topic torn, partition 0, offset 1');
  }, 60_000);

  it('N35 sends records that it cannot convert, change or write to the dead letters, and says why', async () => {
    await suite.send('mixed', ['{"n":1}', 'no JSON', '{"n":3,"bad":true}', '{"n":4}', '"text"']);
    await worker.run(
      'mixed',
      sink('mixed', 'mixed', {
        'errors.tolerance': 'all',
        'errors.deadletterqueue.topic.name': 'mixed-dead',
        'errors.deadletterqueue.context.headers.enable': 'true',
        transforms: 'add',
        'transforms.add.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
        'transforms.add.topic.field': 'from',
      }),
    );
    const dead = await suite.records('mixed-dead', 3);
    const lines = await suite.lines('mixed', ({ length }) => length === 2);
    expect(lines.map(({ value }) => value)).toEqual([
      { n: 1, from: 'mixed' },
      { n: 4, from: 'mixed' },
    ]);
    const told = dead.map(({ headers, value }) => ({
      value: String(value),
      stage: headers.get('__connect.errors.stage'),
      offset: headers.get('__connect.errors.offset'),
      of: headers.get('__connect.errors.class.name'),
    }));
    expect(told).toEqual(
      expect.arrayContaining([
        {
          value: 'no JSON',
          stage: 'VALUE_CONVERTER',
          offset: '1',
          of: 'org.apache.kafka.connect.json.JsonConverter',
        },
        { value: '{"n":3,"bad":true}', stage: 'TASK_PUT', offset: '2', of: 'test.FileLinesSink' },
        {
          value: '"text"',
          stage: 'TRANSFORMATION',
          offset: '4',
          of: 'org.apache.kafka.connect.transforms.InsertField$Value',
        },
      ]),
    );
    expect(dead[0]?.headers.get('__connect.errors.connector.name')).toBe('mixed');
  }, 60_000);
});
