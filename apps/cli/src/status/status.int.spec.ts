import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { millrace, millraceJson, type Situation } from '../cli.fixture.ts';
import { commitOffsets, newTopicName, writeMessages } from '../log.fixture.ts';
import type { Status } from '@millrace/operations/client';
import { alarm, answers, metrics } from './process-answers.fixture.ts';

async function closedUrl(): Promise<string> {
  const closed = createServer();
  await new Promise<void>((resolve) => void closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('millrace status', () => {
  let service: Server;
  let url: string;
  let database: TestDatabase;
  let situation: Situation;
  beforeAll(async () => {
    service = createServer(({ url: asked = '' }, answer) => {
      const [path = ''] = asked.split('?');
      return path.endsWith('/metrics')
        ? answer.writeHead(path === '/mute/metrics' ? 500 : 200).end(metrics[path])
        : answer.end(JSON.stringify(answers[path.replace('/readyz', '') as keyof typeof answers]));
    });
    await new Promise<void>((resolve) => void service.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    database = await createTestDatabase();
    situation = {
      environment: {
        KAFKA_BOOTSTRAP_SERVERS: process.env.MILLRACE_TEST_BROKER,
        ORDER_DATABASE_URL: database.url,
      },
    };
  });
  afterAll(async () => {
    service.close();
    await database.drop();
  });

  const status = (path: string) =>
    millrace(['status', '--json', '--service', `order=${url}${path}`], situation);
  const found = async (path: string) => JSON.parse((await status(path)).out) as Status;

  it('is well while every process is ready and no alarm is raised', async () => {
    const { exitCode, out } = await status('/ready');
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      services: [{ process: 'order', status: 'ready', failing: [] }],
      alarms: [],
      sagas: { rows: [] },
    });
  });

  it('names what a check warns of, though the process is ready', async () => {
    const { exitCode, out } = await status('/plain');

    expect(exitCode).toBe(0);
    expect((JSON.parse(out) as Status).services).toMatchObject([
      { status: 'ready', failing: ['keys: personal data is stored in plain text'] },
    ]);
  });

  it('is well with an optional app that runs elsewhere and has no database', async () => {
    const services = [`order=${url}/ready`, `analytics=${url}/ready`].join(',');
    const { exitCode, out } = await millrace(['status', '--json'], {
      environment: { ...situation.environment, MILLRACE_SERVICES: services },
    });

    expect(JSON.parse(out)).toMatchObject({ sagas: { rows: [] } });
    expect(exitCode).toBe(0);
  });

  it('is not well while a process is degraded, and says by what', async () => {
    expect((await status('/degraded')).exitCode).toBe(1);
    expect((await found('/degraded')).services).toMatchObject([
      { status: 'degraded', failing: ['projector: orders/0 is refused: To continue: UPDATE'] },
    ]);
    expect((await found('/waiting')).services).toMatchObject([
      { failing: ['projector: waiting for the read database'] },
    ]);
  });

  it('names the entry of the runbook for each alarm', async () => {
    const { out } = await millraceOf(`${url}/alarmed`);
    expect(out).toMatch(/saga_age .* docs\/operations\/what-to-do\.md#millracesagasstuck$/m);
    expect((await millraceOf(`${url}/early`)).out).toMatch(/saga_age .*#millracesagasstuck$/m);
  });

  it('Z19 is not well where a rule of Prometheus would page, though the service has raised no alarm', async () => {
    expect((await status('/paging')).exitCode).toBe(1);
    expect(await found('/paging')).toMatchObject({
      services: [{ status: 'ready' }],
      alarms: [],
      pages: {
        rows: [
          { rule: 'MillraceHttpErrorBudgetBurnsFast', place: 'service=order', value: 0.02 },
          { rule: 'MillraceNobodyConsumes', place: 'service=order group=order', value: 0 },
          { rule: 'MillraceConsumerLagSeconds', place: 'group=order topic=t partition=0', value: 61 },
        ],
      },
    });
    expect((await millraceOf(`${url}/paging`)).out).toMatch(
      /MillraceNobodyConsumes .* docs\/operations\/what-to-do\.md#millracenobodyconsumes$/m,
    );
  });

  it('Z19 is not well where the figures of a process cannot be read', async () => {
    expect((await status('/mute')).exitCode).toBe(1);
    expect((await found('/mute')).pages).toEqual({ unknown: 'order: /metrics answers 500' });
  });

  it('has a row for log, PostgreSQL, keys and disk', async () => {
    const { engines } = await found('/plain');
    expect(engines).toMatchObject([
      { part: 'log', state: 'works', place: process.env.MILLRACE_TEST_BROKER, detail: '1 broker' },
      { part: 'PostgreSQL', state: 'works', place: new URL(database.url).host },
      { part: 'keys', state: 'works', place: 'order' },
      { part: 'disk', state: 'not seen from here' },
    ]);
  });

  it('is not well while the keys, the log or PostgreSQL fail, and says why', async () => {
    expect((await found('/sealed')).engines[2]).toMatchObject({
      state: 'fails',
      detail: 'order: cannot connect to the keys',
    });
    const { exitCode, out } = await millrace(['status', '--json', '--service', `order=${url}/ready`], {
      environment: { KAFKA_BOOTSTRAP_SERVERS: process.env.MILLRACE_TEST_BROKER },
      workspace: tmpdir(),
    });
    expect(exitCode).toBe(1);
    expect((JSON.parse(out) as Status).engines[1]).toMatchObject({
      part: 'PostgreSQL',
      state: 'fails',
      detail: expect.stringContaining('ORDER_DATABASE_URL'),
    });
  });

  it('shows every partition that does not move, with the whole remedy', async () => {
    const { stalled } = await found('/stalled');
    expect(stalled).toEqual([
      {
        process: 'order',
        partition: 'orders/0',
        state: 'refused',
        reason: 'To continue regardless: UPDATE',
      },
      { process: 'order', partition: 'orders/1', state: 'blocked', reason: 'version 2 is not known' },
    ]);
    const { out } = await millrace(['status', '--service', `order=${url}/stalled`], {
      ...situation,
      columns: 60,
    });
    expect(out).toMatch(/^ +order +orders\/0 +refused +To continue regardless: UPDATE$/m);
  });

  it('names failing checks, alarms, and processes that do not answer', async () => {
    expect((await status('/unhealthy')).exitCode).toBe(1);
    expect((await found('/unhealthy')).services).toMatchObject([
      { failing: ['database: connection refused'] },
    ]);
    expect((await found('/stalled')).services).toMatchObject([
      {
        failing: [
          'consumer: orders/0 is refused: To continue regardless: UPDATE',
          'consumer: orders/1 is blocked: version 2 is not known',
        ],
      },
    ]);
    expect((await status('/alarmed')).exitCode).toBe(1);
    expect((await found('/alarmed')).alarms).toEqual([
      { ...alarm, process: 'order', place: 'definition=fulfillment' },
    ]);
    const gone = await closedUrl();
    const silent = await millraceOf(gone);
    expect(silent).toMatchObject({
      exitCode: 1,
      out: expect.stringMatching(new RegExp(`order +no answer +${gone} +.*ECONNREFUSED`)),
    });
  });

  const millraceOf = (serviceUrl: string) =>
    millrace(['status', '--service', `order=${serviceUrl}`], situation);

  it('counts lag, dead letters, sagas and timed processes', async () => {
    const topic = `${newTopicName()}.dlq`;
    await millrace(['topics', 'create', topic, '--partitions', '1']);
    await writeMessages([1, 2, 3].map(() => ({ topic, value: 'x' })));
    await commitOffsets(`group-of-${topic}`, [{ topic, partition: 0, offset: 1n }]);
    await database.pool.query(`
      CREATE TABLE saga_instance (definition text, status text, needs_attention boolean);
      INSERT INTO saga_instance VALUES
        ('fulfillment', 'running', true), ('fulfillment', 'running', false), ('fulfillment', 'completed', false)`);

    const { groups, deadLetters, sagas } = await millraceJson<Status>(
      ['status', '--service', `order=${url}/timed`],
      situation,
    );

    expect(groups).toMatchObject({
      rows: expect.arrayContaining([expect.objectContaining({ group: `group-of-${topic}`, lag: 2 })]),
    });
    expect(deadLetters).toMatchObject({ rows: expect.arrayContaining([{ topic, deadLetters: 3 }]) });
    const sagaRow = { service: 'order', definition: 'fulfillment' };
    expect(sagas).toEqual({
      rows: [
        { ...sagaRow, status: 'completed', sagas: 1, needsAttention: 0 },
        { ...sagaRow, status: 'running', sagas: 2, needsAttention: 1 },
        {
          service: 'order',
          definition: 'choreography',
          status: 'compensating',
          sagas: 1,
          needsAttention: 0,
        },
      ],
    });
  });

  it('says why a part is unknown, and then is not well', async () => {
    const { exitCode, out } = await millrace(['status', '--json', '--service', `order=${url}/ready`], {
      environment: { ...situation.environment, ORDER_DATABASE_URL: 'postgres://a:b@127.0.0.1:1/none' },
    });
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      sagas: { unknown: expect.stringContaining('cannot connect to none') },
    });
  });

  it.each([['order'], ['order=nowhere']])('refuses the service %s', async (service) => {
    expect(await millrace(['status', '--service', service])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('give NAME=URL'),
    });
  });
});
