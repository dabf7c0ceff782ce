import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Headers, Inject, Module, Param, Query, Res } from '@nestjs/common';
import { eventSourcingMigrations, postgresEventStore, type DomainEvent } from '@millrace/event-sourcing';
import { migrate } from '@millrace/streaming-core/postgres';
import { readEvents, type EventReader } from '@millrace/testing/events';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { readConfig } from '../config/read-config.ts';
import { serviceConfig } from '../config/service-config.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { EventStoreModule } from '../events/event-store.module.ts';
import { notFound } from '../http/problem.ts';
import { startService, type RunningService } from '../lifecycle/start-service.ts';
import { createLogger } from '../logging/logger.ts';
import { EVENT_STREAMS, type EventStreams } from './event-streams.ts';
import { VERSION_WAITS, waitQuery, type VersionWaits } from './version-waits.ts';

let database: TestDatabase;
const store = postgresEventStore();
const ended = new Set<string>();
const looks: string[] = [];

const versionOf = async (stream: string) =>
  Number(
    (await database.sql.query<{ version: string }>('SELECT version FROM stream WHERE id = $1', [stream]))
      .rows[0]?.version ?? 0,
  );

const waiting = z.strictObject(waitQuery);

@Controller('things')
class ThingsController {
  constructor(
    @Inject(EVENT_STREAMS) private readonly streams: EventStreams,
    @Inject(VERSION_WAITS) private readonly waits: VersionWaits,
  ) {}

  @Get(':id/events')
  events(
    @Param('id') id: string,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() reply: FastifyReply,
  ) {
    const progress = async () => {
      looks.push(id);
      const version = await versionOf(id);
      if (version === 0) throw notFound('unknown_thing', 'There is no such thing');
      return { version, ended: ended.has(id) };
    };
    return this.streams.open(reply, { stream: id, lastEventId, progress });
  }

  @Get(':id')
  async one(@Param('id') id: string, @Query({ schema: waiting }) wait: z.infer<typeof waiting>) {
    await this.waits.reached(id, wait);
    const version = await versionOf(id);
    if (version === 0) throw notFound('unknown_thing', 'There is no such thing');
    return { version };
  }
}

@Module({})
class SampleModule {}

const lines: string[] = [];
const running: RunningService[] = [];

async function start(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const given = {
    SAMPLE_PORT: '0',
    SAMPLE_DATABASE_URL: database.url,
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    ...env,
  };
  const service = await startService({
    name: 'sample',
    config: readConfig(serviceConfig('sample', 0), given),
    logger: createLogger({ service: 'sample', level: 'info', write: (line) => lines.push(line) }),
    module: ({ databaseUrl }) => ({
      module: SampleModule,
      imports: [DatabaseModule.forRoot({ url: databaseUrl, entities: [] }), EventStoreModule.forRoot({})],
      controllers: [ThingsController],
    }),
  });
  await service.started;
  running.push(service);
  return service;
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

const newThing = () => `thing-${randomUUID()}`;
const until = within(10_000);

/** Appends as another process would: the service hears of it by looking. */
const grow = (
  stream: string,
  events: readonly (DomainEvent & Readonly<Record<string, unknown>>)[] = [{ type: 'Noted' }],
) =>
  database.sql.transaction((transaction) =>
    store.append(transaction, [{ stream, expected: 'any', events }], {
      metadata: { correlationId: 'story', causationId: 'request' },
      newId: randomUUID,
      now: new Date(),
    }),
  );

const open = (service: RunningService, thing: string, lastEventId?: string) =>
  readEvents(
    `${service.url}/things/${thing}/events`,
    lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  );
const ids = ({ events }: EventReader) => events.map(({ id }) => id);
const gauge = async (service: RunningService, name: string) =>
  new RegExp(`${name}\\{[^}]*\\} (\\d+)`).exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];
const openCount = (service: RunningService) => gauge(service, 'millrace_event_streams_open');

describe('a stream as server-sent events', () => {
  it('tells what is stored, then what another process writes, and ends when there is nothing more to tell', async () => {
    const service = await start();
    const thing = newThing();
    await grow(thing, [{ type: 'Made', colour: 'red\nand "blue"', personal: { name: 'Ada' } }]);
    const reader = await open(service, thing);
    await reader.has(1);
    await grow(thing);
    await reader.has(2);
    ended.add(thing);
    await grow(thing, [{ type: 'Broken' }]);

    expect(await reader.ended).toBe('cleanly');
    const items = reader.events;
    expect(items.map(({ id, event }) => [id, event])).toEqual([
      ['1', 'Made'],
      ['2', 'Noted'],
      ['3', 'Broken'],
      [undefined, 'end'],
    ]);
    expect(items[0]?.data).toMatchObject({
      version: 1,
      type: 'Made',
      data: { colour: 'red\nand "blue"' },
      correlationId: 'story',
    });
    expect(JSON.stringify(items)).not.toContain('Ada');
    expect(reader.retryMs).toEqual(1_000);
    expect(reader.lastEventId).toEqual('3');
    expect(Object.fromEntries(reader.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-correlation-id': expect.any(String),
    });
  });

  it('goes on after the last event of a client, and answers 204 to one that has it all', async () => {
    const service = await start();
    const thing = newThing();
    for (let version = 1; version <= 50; version++) await grow(thing);
    ended.add(thing);
    const reader = await open(service, thing, '3');
    expect(await reader.ended).toEqual('cleanly');
    expect(ids(reader)).toEqual([...Array.from({ length: 47 }, (_, at) => String(at + 4)), undefined]);
    const again = await open(service, thing, '50');
    expect(again.status).toEqual(204);
    expect(again.refusal).toEqual('');
    expect(again.headers.get('content-type')).toEqual(null);
  });

  it.each([
    ['nonsense', 'is not the id of an event'],
    ['-1', 'is not the id of an event'],
    ['1, 2', 'is not the id of an event'],
    ['3', 'lies beyond the stream, whose last event is 2'],
  ])('refuses to go on from %s, before anything is streamed', async (lastEventId, message) => {
    const service = await start();
    const thing = newThing();
    await grow(thing, [{ type: 'Made' }, { type: 'Noted' }]);
    const { status, headers, refusal } = await open(service, thing, lastEventId);
    expect(status).toEqual(400);
    expect(headers.get('content-type')).toEqual(expect.stringMatching(/^application\/problem\+json/));
    expect(JSON.parse(refusal)).toMatchObject({
      errors: [{ field: 'Last-Event-ID', message: expect.stringContaining(message) }],
    });
  });

  it('that does not exist is an ordinary 404', async () => {
    const service = await start();
    const { status, refusal } = await open(service, newThing());
    expect([status, JSON.parse(refusal)]).toMatchObject([404, { code: 'unknown_thing' }]);
  });

  it('says now and then that it lives, and ends after its lifetime so that the client comes again', async () => {
    const service = await start({
      HTTP_EVENT_STREAM_HEARTBEAT_MS: '20',
      HTTP_EVENT_STREAM_LIFETIME_MS: '400',
    });
    const thing = newThing();
    await grow(thing);
    const reader = await open(service, thing);
    expect(await reader.ended).toBe('cleanly');
    expect(ids(reader)).toEqual(['1']);
    expect(reader.comments.at(-1)).toEqual('come again with your last id');
    expect(reader.comments.filter((comment) => comment === 'nothing new').length).toBeGreaterThan(2);
  });

  it('beyond the limit is refused with the time to come again, and has a place once another client has left', async () => {
    const service = await start({ HTTP_EVENT_STREAMS_MAX: '2' });
    const thing = newThing();
    await grow(thing);
    const [first] = await Promise.all([open(service, thing), open(service, thing)]);
    const refused = await open(service, thing);
    expect([refused.status, refused.headers.get('retry-after'), JSON.parse(refused.refusal)]).toMatchObject([
      503,
      '5',
      { code: 'too_many_streams' },
    ]);
    await first.close();
    await until(async () => (await openCount(service)) === '1');
    expect((await open(service, thing)).status).toBe(200);
  });

  it('drops a client that takes nothing, without holding its events in memory', async () => {
    const service = await start({ HTTP_EVENT_STREAM_STALL_MS_MAX: '300' });
    const thing = newThing();
    const events = Array.from({ length: 200 }, () => ({ type: 'Large', text: 'x'.repeat(200_000) }));
    for (let at = 0; at < events.length; at += 50) await grow(thing, events.slice(at, at + 50));
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`GET /things/${thing}/events HTTP/1.1\r\nhost: sample\r\n\r\n`);
    await until(() => lines.some((line) => line.includes('its client takes nothing')));
    await until(async () => (await openCount(service)) === '0');
    expect(looks.filter((each) => each === thing).length).toBeLessThan(8); // of 10 pages: the kernel's buffers hold some, we do not
    const closed = once(socket, 'close');
    socket.on('error', () => undefined).resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(32_000_000);
  });

  it('stays open while the database cuts its connections', async () => {
    const service = await start();
    const thing = newThing();
    await grow(thing);
    const reader = await open(service, thing);
    await reader.has(1);
    await database.sql.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace-sample'`,
    );
    await grow(thing);
    await reader.has(2);
    expect(ids(reader)).toEqual(['1', '2']);
  });

  it('ends cleanly when the service stops, and lets it stop', async () => {
    const service = await start({ SHUTDOWN_GRACE_MS: '60000' });
    const thing = newThing();
    await grow(thing);
    const reader = await open(service, thing);
    await reader.has(1);
    await service.stop();
    expect(await reader.ended).toEqual('cleanly');
    expect(reader.comments).toEqual(['come again with your last id']);
  });
});

describe('a read that waits for a version', () => {
  const ask = (service: RunningService, thing: string, query: string) =>
    fetch(`${service.url}/things/${thing}?${query}`);

  it('is answered once another process has written it', async () => {
    const service = await start({ HTTP_WAIT_MS_MAX: '60000' });
    const thing = newThing();
    const answer = ask(service, thing, 'wait=2');
    await grow(thing);
    await grow(thing);
    expect(await (await answer).json()).toEqual({ version: 2 });
    expect(await (await ask(service, thing, 'wait=1')).json()).toEqual({ version: 2 });
  });

  it.each([
    ['its own limit', {}, '&waitMs=50'],
    ["the service's", { HTTP_WAIT_MS_MAX: '50' }, '&waitMs=60000'],
  ])('is a 409 that says how far it is, at %s', async (_whose, env, query) => {
    const service = await start(env);
    const thing = newThing();
    await grow(thing);
    const answer = await ask(service, thing, `wait=2${query}`);
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      409,
      '1',
      { code: 'version_not_reached', version: 1 },
    ]);
  });

  it('of what does not exist is a 404 at the limit', async () => {
    const service = await start();
    expect((await ask(service, newThing(), 'wait=1&waitMs=10')).status).toBe(404);
  });

  it('beyond the limit of those that wait is refused, and a service that stops answers those that wait', async () => {
    const service = await start({
      HTTP_WAITS_MAX: '1',
      HTTP_WAIT_MS_MAX: '60000',
      SHUTDOWN_GRACE_MS: '60000',
    });
    const thing = newThing();
    await grow(thing);
    const first = ask(service, thing, 'wait=2');
    await until(async () => (await gauge(service, 'millrace_version_waits')) === '1');
    expect((await ask(service, thing, 'wait=2')).status).toBe(503);
    await service.stop();
    const answer = await first;
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      503,
      '1',
      { code: 'too_many_waits' },
    ]);
  });

  it.each(['wait=0', 'wait=x', 'waitMs=-1', 'wait=1&wait=2'])('refuses %s', async (query) => {
    const service = await start();
    expect((await ask(service, newThing(), query)).status).toBe(400);
  });
});
