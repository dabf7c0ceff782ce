import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect as openSocket } from 'node:net';
import { Body, Controller, Get, Inject, Module, Param, Post, Query } from '@nestjs/common';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { z } from 'zod';
import { within } from '@millrace/testing/within';
import { readConfig } from '../config/read-config.ts';
import { roleNames } from '../config/roles.ts';
import { serviceConfig } from '../config/service-config.ts';
import { DATABASE, DatabaseModule } from '../database/database.module.ts';
import { Describe } from '../http/describe.ts';
import { ProblemError } from '../http/problem.ts';
import { createLogger } from '../logging/logger.ts';
import { currentContext } from '../logging/request-context.ts';
import { provideLifecycle } from './lifecycle.ts';
import { startService, type RunningService } from './start-service.ts';

const view = z.object({ sku: z.string(), backend: z.number() });
const placeOrder = z.strictObject({
  sku: z.string().max(64),
  lines: z.array(z.strictObject({ quantity: z.number().int().min(1) })).max(5),
});
const listing = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });

@Controller('orders')
class OrdersController {
  static entered = 0;
  static release: () => void = () => undefined;

  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Post()
  @Describe({ summary: 'Place an order', answers: { 201: view }, problems: { 422: ['unknown_product'] } })
  async place(@Body({ schema: placeOrder }) body: z.infer<typeof placeOrder>) {
    if (body.sku === 'nothing')
      throw new ProblemError(422, 'unknown_product', 'No such product', { sku: body.sku });
    if (body.sku === 'bug') throw new Error('relation "secret_table" does not exist');
    const { rows } = await this.database.query<{ backend: number }>('SELECT pg_backend_pid() AS backend');
    return { sku: body.sku, backend: rows[0]?.backend, correlationId: currentContext()?.correlationId };
  }

  @Get()
  list(@Query({ schema: listing }) query: z.infer<typeof listing>) {
    return query;
  }

  @Get('slow')
  async slow() {
    OrdersController.entered++;
    await new Promise<void>((resolve) => (OrdersController.release = resolve));
    const { rows } = await this.database.query('SELECT 1 AS one');
    return rows[0];
  }

  @Get(':id')
  one(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }
}

const stopped: string[] = [];
let workerFinishes = Promise.resolve();
const worker = provideLifecycle({
  name: 'worker',
  role: 'worker',
  inject: [DATABASE],
  useFactory: (database: SqlDatabase) => ({
    start: () => undefined,
    stop: async () => {
      await workerFinishes;
      await database.query('SELECT 1');
      stopped.push('worker, with the database still open');
    },
  }),
});

@Module({})
class SampleModule {}

let server: TestDatabase;
const lines: string[] = [];

async function startSample(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const settings = {
    SAMPLE_PORT: '0',
    SAMPLE_DATABASE_URL: server.url,
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    STARTUP_WAIT_MS: '2000',
    ...env,
  };
  const config = readConfig(serviceConfig('sample', 0), settings);
  const logger = createLogger({ service: 'sample', level: 'debug', write: (line) => lines.push(line) });
  const service = await startService({
    name: 'sample',
    config,
    logger,
    module: ({ databaseUrl, databasePoolSize }) => ({
      module: SampleModule,
      imports: [DatabaseModule.forRoot({ url: databaseUrl, poolSize: databasePoolSize, entities: [] })],
      controllers: [OrdersController],
      providers: [worker],
    }),
  });
  await service.started;
  return service;
}

beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(() => server.drop());

describe('a service over HTTP', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startSample();
  });
  afterAll(() => service.stop());

  const post = (
    body: string,
    headers: Record<string, string> = { 'content-type': 'application/json' },
    path = '/orders',
  ) => fetch(service.url + path, { method: 'POST', body, headers });

  it('answers from its database', async () => {
    const answer = await post(JSON.stringify({ sku: 'lamp', lines: [{ quantity: 1 }] }));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ sku: 'lamp', backend: expect.any(Number) });
  });

  it.each([
    ['malformed JSON', '{"sku":', undefined, undefined, 400, 'malformed_json', undefined],
    ['an empty body', '', undefined, undefined, 400, 'malformed_json', undefined],
    ['a wrong type', '{"sku":7,"lines":[]}', undefined, undefined, 400, 'invalid_request', 'sku'],
    [
      'a wrong nested value',
      '{"sku":"a","lines":[{"quantity":0}]}',
      undefined,
      undefined,
      400,
      'invalid_request',
      'lines[0].quantity',
    ],
    ['a missing field', '{"sku":"a"}', undefined, undefined, 400, 'invalid_request', 'lines'],
    [
      'an unknown field',
      '{"sku":"a","lines":[],"rebate":1}',
      undefined,
      undefined,
      400,
      'invalid_request',
      'rebate',
    ],
    ['an array for an object', '[]', undefined, undefined, 400, 'invalid_request', 'body'],
    ['null for an object', 'null', undefined, undefined, 400, 'invalid_request', undefined],
    [
      'a prototype poison',
      '{"__proto__":{"x":1},"sku":"a","lines":[]}',
      undefined,
      undefined,
      400,
      'malformed_json',
      undefined,
    ],
    ['a NUL in text', '{"sku":"a\\u0000","lines":[]}', undefined, undefined, 400, 'invalid_request', 'sku'],
    [
      'a deep nest',
      `{"sku":"a","lines":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      undefined,
      undefined,
      400,
      'invalid_request',
      'lines',
    ],
    [
      'too large a body',
      JSON.stringify({ sku: 'a'.repeat(70_000) }),
      undefined,
      undefined,
      413,
      'body_too_large',
      undefined,
    ],
    [
      'text for JSON',
      'sku=a',
      { 'content-type': 'text/plain' },
      undefined,
      415,
      'unsupported_media_type',
      undefined,
    ],
    [
      'a form',
      'sku=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      undefined,
      415,
      'unsupported_media_type',
      undefined,
    ],
    ['an unknown route', '{}', undefined, '/nowhere', 404, 'not_found', undefined],
    [
      'a refusal of the domain',
      '{"sku":"nothing","lines":[]}',
      undefined,
      undefined,
      422,
      'unknown_product',
      undefined,
    ],
    ['a bug', '{"sku":"bug","lines":[]}', undefined, undefined, 500, 'internal_error', undefined],
  ])('answers %s with a problem', async (_what, body, headers, path, status, code, field) => {
    const answer = await post(body, headers, path);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await answer.json()) as { errors?: { field: string }[] };
    expect({ status: answer.status, problem }).toMatchObject({
      status,
      problem: { status, code, type: `/problems/${code}`, title: expect.any(String) },
    });
    if (field !== undefined) expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(JSON.stringify(problem)).not.toContain('secret_table');
  });

  it.each([
    ['/orders?limit=0', 'limit'],
    ['/orders?limit=1&limit=2', 'limit'],
    ['/orders?page=1', 'page'],
    ['/orders/nonsense', 'id'],
  ])('names the field of %s', async (path, field) => {
    const answer = await fetch(service.url + path);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', errors: [{ field }] });
  });

  it('answers a path that is too long with a problem', async () => {
    const answer = await fetch(`${service.url}/orders/${'a'.repeat(300)}`);
    expect(answer.status).toEqual(414);
    expect(answer.headers.get('content-type')).toEqual(expect.stringMatching(/^application\/problem\+json/));
  });

  it('answers a URL that cannot be decoded with a problem', async () => {
    const answer = await fetch(`${service.url}/orders/%ff`);
    expect(answer.status).toEqual(400);
    expect(answer.headers.get('content-type')).toEqual(expect.stringMatching(/^application\/problem\+json/));
  });

  it('keeps the correlation id of the caller, refuses a bad one, and always answers with one', async () => {
    const body = JSON.stringify({ sku: 'lamp', lines: [] });
    const kept = await post(body, { 'content-type': 'application/json', 'x-correlation-id': 'story-7' });
    expect(kept.headers.get('x-correlation-id')).toEqual('story-7');
    expect(((await kept.json()) as { correlationId: string }).correlationId).toEqual('story-7');
    const replaced = await post(body, { 'content-type': 'application/json', 'x-correlation-id': 'a b{}' });
    expect(replaced.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await fetch(`${service.url}/nowhere`)).headers.get('x-correlation-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it('logs the bug with the correlation id, and no body', async () => {
    lines.length = 0;
    await post('{"sku":"bug","lines":[]}', {
      'content-type': 'application/json',
      'x-correlation-id': 'find-me',
    });
    const failures = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ level }) => level === 'error');
    expect(failures).toEqual([
      expect.objectContaining({ correlationId: 'find-me', service: 'sample', path: '/orders' }),
    ]);
  });

  it('is alive and ready, with its database', async () => {
    expect((await fetch(`${service.url}/livez`)).status).toBe(200);
    const ready = await fetch(`${service.url}/readyz`);
    expect(ready.status).toEqual(200);
    expect(await ready.json()).toEqual({
      status: 'ready',
      roles: roleNames,
      checks: { database: { healthy: true }, alarms: { healthy: true, details: { active: [] } } },
    });
  });

  it('shows process and request metrics by route', async () => {
    await fetch(`${service.url}/orders?limit=3`);
    const answer = await fetch(`${service.url}/metrics`);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toMatch(/process_resident_memory_bytes\{service="sample"\}/);
    expect(text).toMatch(
      /http_request_duration_seconds_count\{(?=.*route="\/orders")(?=.*status="200").*\} \d+/,
    );
  });

  it('serves its interface as OpenAPI 3.1, and as a page', async () => {
    const document = (await (await fetch(`${service.url}/docs/json`)).json()) as {
      openapi: string;
      paths: object;
    };
    expect(document.openapi).toEqual('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/orders', '/orders/slow', '/orders/{id}']);
    const page = await fetch(`${service.url}/docs`);
    expect(page.status).toEqual(200);
    expect(page.headers.get('content-type')).toEqual(expect.stringMatching(/^text\/html/));
    expect((await fetch(new URL('/docs/swagger-ui-bundle.js', service.url))).status).toBe(200);
  });
});

describe('a service that is stopped', () => {
  it('finishes the request in flight, although idle connections are open, and stops its workers before the database', async () => {
    const service = await startSample();
    const { hostname, port } = new URL(service.url);
    const idle = openSocket(Number(port), hostname).on('error', () => undefined);
    await (await fetch(`${service.url}/livez`)).text(); // leaves a keep-alive connection
    const entered = OrdersController.entered;
    const answer = fetch(`${service.url}/orders/slow`);
    await until(() => OrdersController.entered > entered);
    stopped.length = 0;

    const began = performance.now();
    const stopping = service.stop();
    await until(() => stopped.length > 0);
    OrdersController.release();

    expect((await answer).status).toEqual(200);
    expect(await (await answer).json()).toEqual({ one: 1 });
    idle.destroy();
    await stopping;
    expect(stopped).toEqual(['worker, with the database still open']);
    expect(performance.now() - began).toBeLessThan(2_500);
    await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
    await service.stop();
  });

  it('says that it drains while its workers finish', async () => {
    const service = await startSample();
    let finish: () => void = () => undefined;
    workerFinishes = new Promise((resolve) => (finish = resolve));
    const stopping = service.stop();
    const answer = await fetch(`${service.url}/readyz`);
    expect([answer.status, await answer.json()]).toMatchObject([503, { status: 'draining' }]);
    finish();
    await stopping;
  });
});

describe('a service that cannot start', () => {
  it('says that its port is taken, and leaves nothing open', async () => {
    const first = await startSample();
    const second = startSample({ SAMPLE_PORT: new URL(first.url).port });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.stop();
    // A backend is listed for a moment after its client has gone.
    await until(async () => {
      const { rows } = await server.sql.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'millrace-sample'`,
      );
      return rows.length === 0;
    });
  });

  it('says that its database does not answer', async () => {
    await expect(
      startSample({ SAMPLE_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/order', STARTUP_WAIT_MS: '0' }),
    ).rejects.toMatchObject({
      code: 'database_unreachable',
    });
  });
});

const until = within(5_000);
