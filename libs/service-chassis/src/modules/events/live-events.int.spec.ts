import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readEvents, type EventReader } from '@millrace/testing/events';
import { within } from '@millrace/testing/within';
import type { RunningService } from '../../boot/start-service.ts';
import { gauge, thingsService } from './things-service.fixture.ts';

const { start, grow, newThing, ended, looks, lines, sql } = thingsService();
const until = within(20_000);

const open = (service: RunningService, thing: string, lastEventId?: string) =>
  readEvents(
    `${service.url}/things/${thing}/events`,
    lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  );
const ids = ({ events }: EventReader) => events.map(({ id }) => id);
const openCount = (service: RunningService) => gauge(service, 'millrace_live_events_open');

describe('a stream as server-sent events', () => {
  it('H01 sends the stored events, then those of another process, and ends after the last possible one', async () => {
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
      ['3', 'end'],
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
      'content-type': 'text/event-stream',
      'cache-control': expect.stringContaining('no-cache, no-store'),
      'x-accel-buffering': 'no',
      'x-correlation-id': expect.any(String),
    });
  });

  it('H02 resumes after the last event of a client, and answers 204 to a client that has all of them', async () => {
    const service = await start();
    const thing = newThing();
    for (let version = 1; version <= 50; version++) await grow(thing);
    ended.add(thing);
    const reader = await open(service, thing, '3');
    expect(await reader.ended).toEqual('cleanly');
    expect(ids(reader)).toEqual([...Array.from({ length: 47 }, (_, at) => String(at + 4)), '50']);
    const again = await open(service, thing, '50');
    expect(again.status).toEqual(204);
    expect(again.refusal).toEqual('');
    expect(again.headers.get('content-type')).toEqual(null);
  });

  it('H03 works with the standard EventSource, which stops by itself once it has everything', async () => {
    const service = await start();
    const thing = newThing();
    await grow(thing, [{ type: 'Made' }, { type: 'Broken' }]);
    ended.add(thing);
    const script = `
      const source = new EventSource(process.argv[1]);
      const seen = [];
      for (const type of ['Made', 'Broken', 'end'])
        source.addEventListener(type, ({ lastEventId }) => seen.push([lastEventId, type]));
      const alive = setInterval(() => {}, 1_000);
      source.onerror = () => {
        if (source.readyState !== EventSource.CLOSED) return;
        console.log(JSON.stringify(seen));
        clearInterval(alive);
      };`;
    const client = promisify(execFile)(
      process.execPath,
      ['--experimental-eventsource', '--no-warnings', '-e', script, `${service.url}/things/${thing}/events`],
      { env: {}, timeout: 30_000 },
    );
    expect(JSON.parse((await client).stdout)).toEqual([
      ['1', 'Made'],
      ['2', 'Broken'],
      ['2', 'end'],
    ]);
  });

  it.each([
    ['nonsense', 'is not the id of an event'],
    ['-1', 'is not the id of an event'],
    ['1, 2', 'is not the id of an event'],
    ['3', 'is beyond the end of the stream, whose last event is 2'],
  ])('H04 refuses to resume from %s before anything is streamed', async (lastEventId, message) => {
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

  it('H04 is an ordinary 404 if the stream does not exist', async () => {
    const service = await start();
    const { status, refusal } = await open(service, newThing());
    expect([status, JSON.parse(refusal)]).toMatchObject([404, { code: 'unknown_thing' }]);
  });

  it('H05 sends heartbeats, and ends after its lifetime so that the client reconnects', async () => {
    const service = await start({
      HTTP_LIVE_EVENTS_HEARTBEAT_MS: '20',
      HTTP_LIVE_EVENTS_LIFETIME_MS: '4000',
    });
    const thing = newThing();
    await grow(thing);
    const reader = await open(service, thing);
    expect(await reader.ended).toBe('cleanly');
    expect(ids(reader)).toEqual(['1']);
    expect(reader.comments.at(-1)).toEqual('reconnect with your last event id');
    expect(reader.comments.filter((comment) => comment === 'nothing new').length).toBeGreaterThan(2);
  });

  it('H05 is refused over the limit with a Retry-After, and accepted once another client has left', async () => {
    const service = await start({ HTTP_LIVE_EVENTS_MAX: '2' });
    const thing = newThing();
    await grow(thing);
    const [first] = await Promise.all([open(service, thing), open(service, thing)]);
    const refused = await open(service, thing);
    expect([refused.status, refused.headers.get('retry-after'), JSON.parse(refused.refusal)]).toMatchObject([
      503,
      '5',
      { code: 'too_many_live_events' },
    ]);
    await first.close();
    await until(async () => (await openCount(service)) === '1');
    expect((await open(service, thing)).status).toBe(200);
  });

  it('H05 drops a client that reads nothing, without holding its events in memory', async () => {
    const service = await start({ HTTP_LIVE_EVENTS_STALL_MS_MAX: '300' });
    const thing = newThing();
    const events = Array.from({ length: 200 }, () => ({ type: 'Large', text: 'x'.repeat(200_000) }));
    for (let at = 0; at < events.length; at += 50) await grow(thing, events.slice(at, at + 50));
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write(`GET /things/${thing}/events HTTP/1.1\r\nhost: sample\r\n\r\n`);
    await until(() => lines.some((line) => line.includes('the client stopped reading')));
    await until(async () => (await openCount(service)) === '0');
    // There are 10 pages. The kernel buffers some of them, and the service none.
    expect(looks.filter((each) => each === thing).length).toBeLessThan(8);
    const closed = once(socket, 'close');
    socket.on('error', () => undefined).resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(32_000_000);
  });

  it('H06 stays open while the database cuts its connections', async () => {
    const service = await start();
    const thing = newThing();
    await grow(thing);
    const reader = await open(service, thing);
    await reader.has(1);
    await sql().query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'millrace-sample'`,
    );
    await grow(thing);
    await reader.has(2);
    expect(ids(reader)).toEqual(['1', '2']);
  });

  it('H06 ends cleanly when the service stops, and does not hold up the stop', async () => {
    const service = await start({ SHUTDOWN_GRACE_MS: '60000' });
    const thing = newThing();
    await grow(thing);
    const reader = await open(service, thing);
    await reader.has(1);
    await service.stop();
    expect(await reader.ended).toEqual('cleanly');
    expect(reader.comments).toEqual(['reconnect with your last event id']);
  });
});
