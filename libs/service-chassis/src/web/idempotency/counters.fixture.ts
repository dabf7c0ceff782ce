import { Body, Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { eventSourcingMigrations, isRejected, rejected, type Decider } from '@millrace/event-sourcing';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DatabaseModule } from '../../database/database.module.ts';
import { DATABASE } from '../../database/database.tokens.ts';
import { chassisMigrations } from '../../database/required-migrations.ts';
import { IdempotencyModule } from './idempotency.module.ts';
import { EventStoreModule } from '../../modules/events/event-store.module.ts';
import {
  currentRequest,
  COMMAND_HANDLER,
  type CommandHandler,
} from '../../modules/events/command-handler.ts';
import { ProblemError, refusal } from '../problems/problem.ts';
import { startSampleService } from '../../boot/start-sample.fixture.ts';

type CounterState = { readonly value: number };
type Increment = { readonly by: number };
type Incremented = { readonly type: 'Incremented'; readonly by: number };

const limit = 100;
const counter: Decider<Increment, Incremented, CounterState, 'limit_reached'> = {
  initialState: { value: 0 },
  decide: ({ by }, { value }) =>
    value + by > limit ? rejected('limit_reached', { value }) : [{ type: 'Incremented', by }],
  evolve: ({ value }, { by }) => ({ value: value + by }),
};

const increment = z.strictObject({ by: z.number().int().min(1), note: z.string().optional() });

/** Switches that let a test interfere with requests in flight. */
export const inside = { entered: 0, gate: Promise.resolve(), bug: false, inFlight: false, notYet: false };

@Controller()
class CountersController {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(DATABASE) private readonly database: SqlDatabase,
  ) {}

  @Post('counters/:id/increments')
  @HttpCode(202)
  async increment(
    @Param('id', { schema: z.string() }) id: string,
    @Body({ schema: increment }) { by }: z.infer<typeof increment>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    inside.entered++;
    await inside.gate;
    const { state, version } = await this.count(id, by);
    if (inside.bug) throw new Error('a bug');
    reply.header('location', `/counters/${id}`).header('etag', `"${version}"`);
    return { id, value: state.value, read: (await this.one(id)).value };
  }

  /** Writes first, and only then finds that it must refuse. */
  @Post('counters/:id/transfers')
  async transfer(
    @Param('id', { schema: z.string() }) id: string,
    @Body({ schema: increment }) { by }: z.infer<typeof increment>,
  ) {
    await this.count(`${id}-from`, by);
    await this.count(`${id}-to`, limit);
    const { rows } = await this.database.query('SELECT count(*)::int AS streams FROM stream');
    if (by > 1)
      throw new ProblemError(409, 'too_much', 'Only one at a time', {}, { headers: { 'x-most': '1' } });
    return rows[0];
  }

  @Post('answers')
  answer(@Body({ schema: increment }) { by }: z.infer<typeof increment>) {
    if (inside.inFlight) throw refusal('request_in_flight');
    if (inside.notYet)
      throw new ProblemError(422, 'unknown_thing', 'It is not known yet', {}, { retryAfterSeconds: 2 });
    return { text: 'x'.repeat(by) };
  }

  @Get('counters/:id')
  async one(@Param('id', { schema: z.string() }) id: string) {
    return (await this.commands.load(counter, `counter-${id}`)).state;
  }

  private async count(id: string, by: number) {
    const outcome = await this.commands.handle(currentRequest, counter, `counter-${id}`, { by });
    if (isRejected(outcome))
      throw new ProblemError(409, outcome.rejected, 'The counter is at its limit', outcome.details);
    return outcome;
  }
}

export interface Counters {
  readonly database: TestDatabase;
  /** POSTs with this key, or without a key if it is undefined. */
  post(path: string, key: string | undefined, body: unknown): Promise<Answered>;
  valueOf(id: string): Promise<number>;
  close(): Promise<void>;
}

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly replayed: boolean;
}

/** Opens a service whose POSTs count something, with a pool of ten connections. */
export async function openCounters(): Promise<Counters> {
  const database = await createTestDatabase();
  const migrations = [
    { library: 'streaming-core', folder: streamingCoreMigrations },
    { library: 'event-sourcing', folder: eventSourcingMigrations },
    chassisMigrations,
  ];
  await migrate(database.sql, migrations);
  const service = await startSampleService({
    name: 'counters',
    database,
    module: ({ databaseUrl }) => ({
      imports: [
        DatabaseModule.forRoot({ url: databaseUrl, poolSize: 10, entities: [], migrations }),
        IdempotencyModule,
        EventStoreModule.forRoot({}),
      ],
      controllers: [CountersController],
    }),
  });
  return {
    database,
    async post(path, key, body) {
      const headers = {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      };
      const answer = await fetch(service.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await answer.text();
      const replayed = answer.headers.get('idempotent-replayed') === 'true';
      return {
        status: answer.status,
        text,
        body: JSON.parse(text) as Answered['body'],
        headers: answer.headers,
        replayed,
      };
    },
    async valueOf(id) {
      return ((await (await fetch(`${service.url}/counters/${id}`)).json()) as CounterState).value;
    },
    async close() {
      await service.stop();
      await database.drop();
    },
  };
}
