import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { visitStream } from '../sample/visit.fixture.ts';
import { openVisits, type Visits } from '../sample/visits.fixture.ts';
import { callOps } from './ops-call.fixture.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterAll(() => visits.close());

const call = (path: string) => callOps(visits.service(), `/ops${path}`);

/** A visit whose saga waits for a room. */
async function waiting(): Promise<string> {
  const visitId = await visits.planned();
  await visits.commanded('PrepareRoom', visitId);
  return visitId;
}

describe('the feed of a service', () => {
  const feed = (query = '') => call(`/events${query}`);
  const typesOf = ({ body }: Awaited<ReturnType<typeof feed>>) => (body.items ?? []).map(({ type }) => type);

  it('lists the events of all streams in the order of positions, without personal data', async () => {
    const visitId = await waiting();
    const all = await feed();
    const own = (all.body.items ?? []).filter(({ stream }) => String(stream).includes(visitId));
    expect(own.map(({ stream, version, type }) => [stream, version, type])).toEqual([
      [visitStream(visitId), 1, 'VisitPlanned'],
      [`saga-hosting-${visitId}`, 1, 'SagaStarted'],
      [`saga-hosting-${visitId}`, 2, 'CommandSent'],
    ]);
    const positions = (all.body.items ?? []).map(({ position }) => Number(position));
    expect(positions).toEqual([...positions].sort((one, other) => one - other));
    expect(all.body['caughtUp']).toBe(true);
    expect(JSON.stringify(all.body)).not.toContain('Lovelace');
  });

  it('continues from a cursor, a position and the end', async () => {
    const end = String((await feed('?from=end')).body['nextCursor']);
    const visitId = await waiting();
    const first = await feed(`?after=${end}&limit=1`);
    expect(first.body).toMatchObject({ items: [{ stream: visitStream(visitId) }], caughtUp: false });
    const next = String(first.body['nextCursor']);
    const { body } = await feed(`?after=${next}`);
    expect(body.items?.[0]).toMatchObject({ type: 'SagaStarted' });
    expect(await feed(`?from=${String(body.items?.[0]?.['position'])}`)).toMatchObject({ body });

    const last = String(body['nextCursor']);
    expect((await feed(`?after=${last}`)).body).toEqual({ items: [], nextCursor: last, caughtUp: true });
    expect((await feed('?from=end')).body['nextCursor']).toBe(last);
  });

  it('filters by type and by stream', async () => {
    const visitId = await waiting();
    expect(new Set(typesOf(await feed('?type=SagaStarted')))).toEqual(new Set(['SagaStarted']));
    expect(typesOf(await feed(`?stream=${visitStream(visitId)}`))).toEqual(['VisitPlanned']);
    expect((await feed('?type=Nothing')).body).toMatchObject({ items: [], caughtUp: true });
  });

  it.each([
    ['?from=yesterday', 'from'],
    ['?after=nonsense', 'after'],
    ['?from=end&after=IjEi', 'from'],
    ['?limit=0', 'limit'],
  ])('refuses %s and names the field', async (query, field) => {
    expect(await feed(query)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });
});

describe('the list of streams of a service', () => {
  it('has the streams that begin with a prefix, with version and time, in pages', async () => {
    const ids = await Promise.all([waiting(), waiting()]);
    const streams: unknown[] = [];
    for (let after = ''; ;) {
      const { body } = await call(`/streams?prefix=visit-&limit=1${after}`);
      streams.push(...(body.items ?? []));
      if (body['nextCursor'] === null) break;
      after = `&after=${String(body['nextCursor'])}`;
    }
    for (const id of ids)
      expect(streams).toContainEqual({
        stream: visitStream(id),
        version: 1,
        updatedAt: expect.stringMatching(/^\d{4}-/),
      });
    const all = await call('/streams');
    expect(all.body.items?.length).toBeGreaterThan(streams.length);
    expect((await call('/streams?prefix=visitor')).body).toEqual({ items: [], nextCursor: null });
    const wrong = await call('/streams?after=nonsense');
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'after' }] } });
  });
});

describe('the events of one stream', () => {
  it('are listed from a given version on, so that a reader can skip to the last ones', async () => {
    const path = `/streams/saga-hosting-${await waiting()}`;
    const versions = async (query: string) =>
      (await call(`${path}${query}`)).body.items?.map(({ version }) => version);

    expect(await versions('?from=2')).toEqual([2]);
    expect(await versions('?from=1&version=1')).toEqual([1]);
    expect(await call(`${path}?from=2&after=IjEi`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'from' }] },
    });
  });
});
