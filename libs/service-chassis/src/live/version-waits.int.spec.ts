import { describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import type { RunningService } from '../boot/start-service.ts';
import { gauge, thingsService } from './things-service.fixture.ts';

const { start, grow, newThing } = thingsService();
const until = within(20_000);

describe('a read that waits for a version', () => {
  const ask = (service: RunningService, thing: string, query: string) =>
    fetch(`${service.url}/things/${thing}?${query}`);

  it('H08 is answered once another process has written that version', async () => {
    const service = await start({ HTTP_WAIT_MS_MAX: '60000' });
    const thing = newThing();
    const answer = ask(service, thing, 'wait=2');
    await until(async () => (await gauge(service, 'millrace_version_waits')) === '1', 'the read to wait');
    await grow(thing);
    await grow(thing);
    expect(await (await answer).json()).toEqual({ version: 2 });
    expect(await (await ask(service, thing, 'wait=1')).json()).toEqual({ version: 2 });
  });

  it.each([
    ['its own time limit', {}, '&waitMs=50'],
    ["the service's time limit", { HTTP_WAIT_MS_MAX: '50' }, '&waitMs=60000'],
  ])('H08 is a 409 with the current version at %s', async (_whose, env, query) => {
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

  it('H08 is a 404 at the time limit if the thing does not exist', async () => {
    const service = await start();
    expect((await ask(service, newThing(), 'wait=1&waitMs=10')).status).toBe(404);
  });

  it('H08 is refused when too many wait, and answered when the service stops', async () => {
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
