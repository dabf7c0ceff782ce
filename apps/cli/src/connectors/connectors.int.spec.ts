import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { millrace, millraceJson } from '../cli.fixture.ts';
import { commitOffsets, newTopic, writeMessages } from '../log.fixture.ts';
import { opsStub, type Asked, type OpsStub, type StubAnswer } from '../ops-stub.fixture.ts';

const config = {
  'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
  topics: 'user-events',
};
const worker = '127.0.0.1:8083';
const status = {
  name: 'user-events-to-postgres',
  type: 'sink',
  connector: { state: 'RUNNING', worker_id: worker },
  tasks: [
    { id: 0, state: 'RUNNING', worker_id: worker },
    { id: 1, state: 'FAILED', worker_id: worker, trace: 'the table is not there\n  at task.ts' },
  ],
};
const source = {
  name: 'changes',
  type: 'source',
  connector: { state: 'PAUSED', worker_id: worker },
  tasks: [],
};
const offsets = [
  { partition: { kafka_topic: 'user-events', kafka_partition: 0 }, offset: { kafka_offset: 7 } },
];
const path = '/connectors/user-events-to-postgres';

const answers: Readonly<Record<string, StubAnswer>> = {
  'GET /connectors': {
    body: {
      'user-events-to-postgres': { status, info: { config } },
      changes: { status: source, info: { config: { 'connector.class': 'Postgres' } } },
    },
  },
  [`GET ${path}/config`]: { body: config },
  [`GET ${path}/status`]: { body: status },
  [`GET ${path}/offsets`]: { body: { offsets } },
  [`PUT ${path}/config`]: { status: 201, body: { name: status.name, config, tasks: [] } },
  [`PUT ${path}/pause`]: { status: 202, body: null },
  [`POST ${path}/restart`]: { status: 202, body: status },
  [`DELETE ${path}`]: { body: null },
};

const refusal = { error_code: 404, message: 'Connector changed not found' };

describe('millrace connectors', () => {
  let connect: OpsStub;
  beforeAll(async () => {
    const topic = await newTopic(2);
    await writeMessages([0, 0, 0, 1].map((partition) => ({ topic, partition, value: 'x' })));
    await commitOffsets(`connect-${status.name}`, [
      { topic, partition: 0, offset: 1n },
      { topic, partition: 1, offset: 0n },
    ]);
  });
  const answer = ({ method, path: asked }: Asked) =>
    answers[`${method} ${asked}`] ?? { status: 404, body: refusal };
  beforeEach(async () => (connect = await opsStub(answer)));
  afterEach(() => connect.close());
  const line = (...args: string[]) => ['connectors', ...args, '--url', connect.url];

  it('lists each connector with its state, its running tasks, the lag of a sink and the first failure', async () => {
    const { exitCode, out } = await millrace(line('list'));
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      'CONNECTOR                KIND    STATE    TASKS  LAG  CLASS                                        FAILURE',
      'changes                  source  PAUSED   0/0      -  Postgres                                     -',
      'user-events-to-postgres  sink    RUNNING  1/2      3  io.confluent.connect.jdbc.JdbcSinkConnector  ' +
        'the table is not there',
    ]);
    expect(await millraceJson(line('list'))).toMatchObject([{ lag: null }, { lag: 3 }]);
  });

  it('lists connectors without the log, and says that the lag is unknown', async () => {
    const data = mkdtempSync(join(tmpdir(), 'no-log-'));
    const { exitCode, out, err } = await millrace([...line('list'), '--data', data], { environment: {} });
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^user-events-to-postgres +sink +RUNNING +1\/2 +- /m);
    expect(err).toContain('the lag of sinks is unknown: no stack runs on');
  });

  it('shows the configuration, what was read, how far the sink is behind, and each task with its worker', async () => {
    const { out } = await millrace(line('show', status.name));
    expect(out.split('\n')).toEqual([
      `user-events-to-postgres, a sink: RUNNING on ${worker}`,
      '  connector.class=io.confluent.connect.jdbc.JdbcSinkConnector',
      '  topics=user-events',
      `  read up to ${JSON.stringify(offsets[0])}`,
      '  messages behind: 3',
      '',
      'TASK  STATE    WORKER          FAILURE',
      '   0  RUNNING  127.0.0.1:8083  -',
      '   1  FAILED   127.0.0.1:8083  the table is not there',
    ]);
    expect(await millraceJson(line('show', status.name))).toEqual({ config, status, offsets, lag: 3 });
  });

  it('creates a connector from a file as it is posted to Kafka Connect', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'connectors-')), 'sink.json');
    writeFileSync(file, JSON.stringify({ name: status.name, config }));

    expect(await millrace(line('put', file))).toMatchObject({ exitCode: 0 });
    expect(connect.asked.at(-1)).toMatchObject({ method: 'PUT', path: `${path}/config`, body: config });
  });

  it.each([
    [['pause'], 'PUT', `${path}/pause`, {}, 'user-events-to-postgres pauses'],
    [
      ['restart', '--failed'],
      'POST',
      `${path}/restart`,
      { includeTasks: 'true', onlyFailed: 'true' },
      'user-events-to-postgres restarts',
    ],
    [['delete', '--yes'], 'DELETE', path, {}, 'user-events-to-postgres is deleted'],
  ])('acts with %j', async ([name = '', ...options], method, asked, query, out) => {
    expect(await millrace(line(name, status.name, ...options))).toMatchObject({ exitCode: 0, out });
    expect(connect.asked.at(-1)).toMatchObject({ method, path: asked, query });
  });

  it.each([
    [['pause', 'changed'], 1, 'connect: Connector changed not found'],
    [['delete', 'changed', '--yes'], 1, 'there is no connector changed'],
    [['put', 'package.json'], 2, 'package.json is no connector: it needs a "name" and a "config"'],
    [['put', 'absent.json'], 2, 'absent.json cannot be read as JSON'],
  ])('refuses %j', async (args, exitCode, err) => {
    expect(await millrace(line(...args))).toMatchObject({ exitCode, err: expect.stringContaining(err) });
  });

  it('says how to start a worker if none answers', async () => {
    const remedy = expect.stringContaining('start it with npm start -- --with connect');
    expect(await millrace(['connectors', 'list', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      exitCode: 1,
      err: remedy,
    });
    const data = mkdtempSync(join(tmpdir(), 'no-stack-'));
    expect(await millrace(['connectors', 'list', '--data', data])).toMatchObject({
      exitCode: 1,
      err: remedy,
    });
  });
});
