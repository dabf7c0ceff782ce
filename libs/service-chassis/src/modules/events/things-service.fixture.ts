import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { Controller, Get, Headers, Inject, Param, Query, Res, Sse } from '@nestjs/common';
import { eventSourcingMigrations, postgresEventStore, type DomainEvent } from '@millrace/event-sourcing';
import { migrate } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { DatabaseModule } from '../../database/database.module.ts';
import { EventStoreModule } from './event-store.module.ts';
import { notFound } from '../../web/problems/problem.ts';
import { startSampleService } from '../../boot/start-sample.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { createLogger } from '../../ground/logging/logger.ts';
import { LIVE_EVENTS, VERSION_WAITS } from './live-providers.ts';
import { waitQuery, type LiveEvents, type VersionWaits } from '@millrace/read-models';

const store = postgresEventStore();
const waiting = z.strictObject(waitQuery);

/** A service that streams the events of things, with tools to test answers that stay open. */
export function thingsService() {
  let database: TestDatabase;
  const ended = new Set<string>();
  const looks: string[] = [];
  const lines: string[] = [];
  const running: RunningService[] = [];

  const versionOf = async (stream: string) =>
    Number(
      (await database.sql.query<{ version: string }>('SELECT version FROM stream WHERE id = $1', [stream]))
        .rows[0]?.version ?? 0,
    );

  @Controller('things')
  class ThingsController {
    constructor(
      @Inject(LIVE_EVENTS) private readonly liveEvents: LiveEvents,
      @Inject(VERSION_WAITS) private readonly waits: VersionWaits,
    ) {}

    @Sse(':id/events')
    events(
      @Param('id', { schema: z.string() }) id: string,
      @Headers('last-event-id') lastEventId: string | undefined,
      @Res({ passthrough: true }) { raw: response }: FastifyReply,
    ) {
      const progress = async () => {
        looks.push(id);
        const version = await versionOf(id);
        if (version === 0) throw notFound('unknown_thing', 'There is no such thing');
        return { version, ended: ended.has(id) };
      };
      return this.liveEvents.of({ stream: id, lastEventId, response, progress });
    }

    @Get(':id')
    async one(
      @Param('id', { schema: z.string() }) id: string,
      @Query({ schema: waiting }) wait: z.infer<typeof waiting>,
    ) {
      await this.waits.reached(id, wait);
      const version = await versionOf(id);
      if (version === 0) throw notFound('unknown_thing', 'There is no such thing');
      return { version };
    }
  }

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'event-sourcing', folder: eventSourcingMigrations }]);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((service) => service.stop()));
    lines.length = 0;
  });
  afterAll(() => database.drop());

  return {
    /** Things that will get no more events. */
    ended,
    /** One id of a thing for each time that an open answer has polled it. */
    looks,
    /** The log lines of the services. */
    lines,
    sql: () => database.sql,
    newThing: () => `thing-${randomUUID()}`,

    async start(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
      const service = await startSampleService({
        database,
        env,
        logger: createLogger({ service: 'sample', level: 'info', write: (line) => lines.push(line) }),
        module: ({ databaseUrl }) => ({
          imports: [DatabaseModule.forRoot({ url: databaseUrl, entities: [] }), EventStoreModule.forRoot({})],
          controllers: [ThingsController],
        }),
      });
      running.push(service);
      return service;
    },

    /** Appends as another process would: the service only finds it by polling. */
    grow: (
      stream: string,
      events: readonly (DomainEvent & Readonly<Record<string, unknown>>)[] = [{ type: 'Noted' }],
    ) =>
      database.sql.transaction((transaction) =>
        store.append(transaction, [{ stream, expected: 'any', events }], {
          metadata: { correlationId: 'story', causationId: 'request' },
          newId: randomUUID,
          now: new Date(),
        }),
      ),
  };
}

export const gauge = async (service: RunningService, name: string) =>
  new RegExp(`${name}\\{[^}]*\\} (\\d+)`).exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];
