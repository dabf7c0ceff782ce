import 'reflect-metadata';
import { afterAll, beforeAll } from '@jest/globals';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { z } from 'zod';
import { DatabaseModule } from '../database/database.module.ts';
import { DATABASE } from '../database/database.tokens.ts';
import { Describe } from '../web/openapi/describe.ts';
import { ProblemError } from '../web/problems/problem.ts';
import { createLogger } from '../ground/logging/logger.ts';
import { currentContext } from '../ground/logging/request-context.ts';
import { provideLifecycle } from '../ground/lifecycle/lifecycle.ts';
import { startSampleService } from './start-sample.fixture.ts';
import type { RunningService } from './start-service.ts';

const view = z.object({ sku: z.string(), backend: z.number() });
const placeOrder = z.strictObject({
  sku: z.string().max(64),
  lines: z.array(z.strictObject({ quantity: z.number().int().min(1) })).max(5),
});
const listing = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });

@Controller('orders')
export class SampleOrders {
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

  @Post('ping')
  ping() {
    return { pong: true };
  }

  @Get()
  list(@Query({ schema: listing }) query: z.infer<typeof listing>) {
    return query;
  }

  @Get('slow')
  async slow() {
    SampleOrders.entered++;
    await new Promise<void>((resolve) => (SampleOrders.release = resolve));
    const { rows } = await this.database.query('SELECT 1 AS one');
    return rows[0];
  }

  @Get(':id')
  one(@Param('id', { schema: z.uuid() }) id: string) {
    return { id };
  }
}

/** Notes that the sample service's worker made while it stopped. */
export const stopped: string[] = [];

/** The worker waits for this before it stops. */
export const worker = { finishes: Promise.resolve() };
const workerComponent = provideLifecycle({ name: 'worker', role: 'worker' }, [DATABASE], (database) => ({
  start: () => undefined,
  stop: async () => {
    await worker.finishes;
    await database.query('SELECT 1');
    stopped.push('worker, with the database still open');
  },
}));

export let server: TestDatabase;
export const lines: string[] = [];

export async function startSample(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  return startSampleService({
    database: server,
    env: { STARTUP_WAIT_MS: '2000', ...env },
    logger: createLogger({ service: 'sample', level: 'debug', write: (line) => lines.push(line) }),
    module: ({ databaseUrl, databasePoolSize }) => ({
      imports: [DatabaseModule.forRoot({ url: databaseUrl, poolSize: databasePoolSize, entities: [] })],
      controllers: [SampleOrders],
      providers: [workerComponent],
    }),
  });
}

beforeAll(async () => {
  server = await createTestDatabase();
});
afterAll(() => server.drop());
