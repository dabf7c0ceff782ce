import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { roomEvents, visitStream } from '../sample/visit.fixture.ts';
import { openVisits, type Visits } from '../sample/visits.fixture.ts';
import { callOps } from './ops-call.fixture.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterAll(() => visits.close());

const call = (path: string) => callOps(visits.service(), `/ops${path}`);
const look = (visitId: string) => call(`/sagas/${visitId}`);
const act = (visitId: string, etag: string | null, asked: object, headers: Record<string, string> = {}) =>
  callOps(
    visits.service(),
    `/ops/sagas/${visitId}/actions`,
    { reason: 'INC-7', ...asked },
    { 'if-match': etag ?? '', ...headers },
  );

/** A saga that waits for a room. */
async function waiting(): Promise<string> {
  const visitId = await visits.planned();
  await visits.commanded('PrepareRoom', visitId);
  return visitId;
}

describe('an operator of a service with sagas', () => {
  it('finds a saga by state and step, and sees why it waits and until when', async () => {
    const visitId = await waiting();
    await waiting();
    const pages: string[] = [];
    for (let after = ''; ;) {
      const { body } = await call(`/sagas?state=running&step=room&limit=1${after}`);
      pages.push(...(body.items ?? []).map(({ sagaId }) => String(sagaId)));
      if (body['nextCursor'] === null) break;
      after = `&after=${String(body['nextCursor'])}`;
    }
    expect(pages).toContain(visitId);
    const { body, etag } = await look(visitId);
    expect(body).toMatchObject({
      status: 'running',
      waitsFor: [{ step: 'room', replies: ['RoomPrepared', 'RoomRefused'] }],
      timers: [{ step: 'room', attempt: 1 }],
    });
    expect(etag).toBe(`"${String(body['streamVersion'])}"`);
    expect(await call('/sagas/nobody')).toMatchObject({ status: 404, body: { code: 'unknown_saga' } });
    const wrong = await call('/sagas?after=nonsense');
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'after' }] } });
  });

  it('Z40 holds back the commands to a participant with actor and reason, and releases them', async () => {
    const actor = { 'millrace-actor': 'ada' };
    const held = { kind: 'commands', name: 'room-commands', reason: 'INC-9' };
    const visitId = await waiting();
    const hold = (body: object, path = '') =>
      callOps(visits.service(), `/ops/saga-holds${path}`, body, actor);
    expect(await hold({ ...held, name: 'no-commands' })).toMatchObject({
      status: 404,
      body: { code: 'unknown_hold' },
    });
    expect(await hold(held)).toMatchObject({ status: 200, body: { items: [{ ...held, actor: 'ada' }] } });
    expect(await call('/saga-holds')).toMatchObject({ body: { items: [{ name: 'room-commands' }] } });
    expect((await look(visitId)).body).toMatchObject({
      holds: [{ ...held, actor: 'ada' }],
      waitsFor: [{ step: 'room', until: null }],
    });
    expect(await hold(held, '/release')).toMatchObject({ status: 200, body: { items: [] } });
    expect(await hold(held, '/release')).toMatchObject({ status: 404, body: { code: 'unknown_hold' } });
    const { rows } = await visits.database.sql.query(
      'SELECT actor, reason, action FROM operator_action WHERE subject = $1 ORDER BY id',
      ['commands room-commands'],
    );
    expect(rows).toEqual([
      { actor: 'ada', reason: 'INC-9', action: 'hold sagas' },
      { actor: 'ada', reason: 'INC-9', action: 'release sagas' },
    ]);
  });

  it('sees the parts of a definition, and how many sagas wait at each', async () => {
    type Counted = { readonly part: string; readonly status: string; readonly instances: number };
    const definition = async () => (await call('/saga-definitions')).body.items?.[0] ?? {};
    const waitingAtRoom = ({ waiting }: Record<string, unknown>) =>
      (waiting as Counted[]).find(({ part, status }) => part === 'room' && status === 'running');
    const before = waitingAtRoom(await definition());
    await waiting();
    const after = await definition();
    expect(after).toMatchObject({
      name: 'hosting',
      version: 1,
      startsNew: true,
      starts: { type: 'VisitPlanned', topic: 'visit-events' },
      startsLocally: true,
    });
    expect((after['parts'] as object[])[0]).toMatchObject({
      kind: 'step',
      name: 'room',
      accepted: { type: 'RoomPrepared', topic: 'room-events' },
      rejected: { type: 'RoomRefused', topic: 'room-events' },
      compensation: { accepted: { type: 'RoomReleased' } },
    });
    expect(waitingAtRoom(after)?.instances).toBe((before?.instances ?? 0) + 1);
  });

  it('skips a step with its result, and the saga reaches its end', async () => {
    const visitId = await waiting();
    const { etag, body: seen } = await look(visitId);
    const wrong = await act(visitId, etag, { action: 'skip', result: { type: 'RoomPrepared' } });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_result' } });
    const other = await act(visitId, etag, { action: 'skip', result: { visitId, type: 'KeyHandedOver' } });
    expect(other).toMatchObject({ status: 409, body: { code: 'unexpected_result' } });

    const skipped = await act(visitId, etag, { action: 'skip', result: { type: 'RoomPrepared', visitId } });
    expect(skipped).toMatchObject({ status: 200, body: { waitsFor: [{ step: 'key' }] } });
    expect(Number(skipped.body['streamVersion'])).toBeGreaterThan(Number(seen['streamVersion']));
    await visits.answer('HandOverKey', roomEvents.KeyHandedOver({ visitId }));
    const ended = await until(
      () => look(visitId),
      ({ body }) => body['status'] === 'completed',
    );
    expect(ended.body['events']).toContainEqual(
      expect.objectContaining({ type: 'OperatorActed', action: 'skip', actor: 'grace', reason: 'INC-7' }),
    );
    expect(await act(visitId, ended.etag, { action: 'compensate' })).toMatchObject({
      status: 409,
      body: { code: 'saga_ended' },
    });
  });

  it('Z05 acts once under one idempotency key, and gets the same answer again', async () => {
    const visitId = await waiting();
    const { etag } = await look(visitId);
    const key = { 'idempotency-key': randomUUID() };
    const first = await act(visitId, etag, { action: 'retry' }, key);
    expect(await act(visitId, etag, { action: 'retry' }, key)).toEqual(first);
    expect((await look(visitId)).etag).toBe(first.etag);
  });

  it('Z03 is told that another operator was faster, even if both act at once', async () => {
    const visitId = await waiting();
    const { etag } = await look(visitId);
    const answers = await Promise.all([
      act(visitId, etag, { action: 'pause' }),
      act(visitId, etag, { action: 'compensate' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(answers.find(({ status }) => status === 412)?.body).toMatchObject({ code: 'version_moved' });
  });

  it('Z05 must send an actor, a version and an idempotency key', async () => {
    const visitId = await waiting();
    const { etag } = await look(visitId);
    const without = async (header: string) => {
      const { status, body } = await act(visitId, etag, { action: 'retry' }, { [header]: '' });
      return { status, code: body['code'] };
    };
    expect(await without('if-match')).toEqual({ status: 428, code: 'precondition_required' });
    expect(await without('millrace-actor')).toEqual({ status: 400, code: 'invalid_request' });
    expect(await without('idempotency-key')).toEqual({ status: 400, code: 'invalid_request' });
    expect((await act(visitId, etag, { action: 'retry', reason: ' ' })).status).toBe(400);
    const surplus = { action: 'retry', result: { type: 'RoomPrepared', visitId } };
    expect((await act(visitId, etag, surplus)).status).toBe(400);
    expect(await act(visitId, etag, { action: 'skip' })).toMatchObject({
      status: 409,
      body: { code: 'result_needed' },
    });
    expect((await look(visitId)).etag).toBe(etag);
  });

  it('may correct the version of a request and send it with the same key', async () => {
    const visitId = await waiting();
    const key = { 'idempotency-key': randomUUID() };
    expect((await act(visitId, '', { action: 'pause' }, key)).status).toBe(428);
    expect((await act(visitId, '"1"', { action: 'pause' }, key)).status).toBe(412);
    const { etag } = await look(visitId);
    expect((await act(visitId, etag, { action: 'pause' }, key)).status).toBe(200);
  });
});

describe('an operator of a service with streams', () => {
  it('Z07 reads a stream now, at a version and at a moment, without personal data', async () => {
    const visitId = await waiting();
    const stream = `/streams/${visitStream(visitId)}`;
    const before = new Date().toISOString();
    await visits.cancelled(visitId);
    const versions = async (query = '') =>
      ((await call(`${stream}${query}`)).body.items ?? []).map(({ version }) => version);
    expect(await versions()).toEqual([1, 2]);
    expect(await versions('?version=1')).toEqual([1]);
    expect(await versions(`?at=${before}`)).toEqual([1]);
    const next = String((await call(`${stream}?limit=1`)).body['nextCursor']);
    expect(await versions(`?limit=1&after=${next}`)).toEqual([2]);
    expect(JSON.stringify((await call(stream)).body)).not.toContain('Lovelace');
    expect(await call('/streams/visit-nobody')).toMatchObject({
      status: 404,
      body: { code: 'unknown_stream' },
    });
    expect((await call(`/streams/saga-hosting-${visitId}`)).body.items).toContainEqual(
      expect.objectContaining({ type: 'SagaStarted' }),
    );
    expect((await call(`${stream}?version=1&at=${before}`)).status).toBe(400);
  });

  it('reads the state of a stream and of its saga without personal data, and what changed', async () => {
    const visitId = await waiting();
    const stream = `/streams/${visitStream(visitId)}`;
    const planned = await call(`${stream}/state`);
    expect(planned.body).toMatchObject({ version: 1, state: { status: 'planned', visitId } });
    expect(JSON.stringify(planned.body)).toContain('[personal]');
    expect(JSON.stringify(planned.body)).not.toContain('Lovelace');
    const before = String((await call(stream)).body.items?.[0]?.['recordedAt']);
    await visits.cancelled(visitId);

    expect((await call(`${stream}/state`)).body).toMatchObject({
      version: 2,
      state: { status: 'cancelled' },
    });
    for (const past of ['version=1', `at=${before}`])
      expect((await call(`${stream}/state?${past}`)).body).toMatchObject({
        version: 1,
        state: { status: 'planned' },
      });
    for (const query of ['from=1&to=2', `from=${before}`]) {
      const { body } = await call(`${stream}/difference?${query}`);
      expect(body).toMatchObject({ from: 1, to: 2 });
      expect(body['changes']).toContainEqual({ path: '/status', before: 'planned', after: 'cancelled' });
    }
    const saga = await call(`/streams/saga-hosting-${visitId}/difference?from=0&to=1`);
    expect(saga.body['changes']).toContainEqual({ path: '/status', before: 'absent', after: 'running' });
  });

  it('reads what a request has caused in this service, in the order of recording', async () => {
    const visitId = await waiting();
    const { body } = await call(`/streams/${visitStream(visitId)}`);
    const path = `/correlations/${String(body.items?.[0]?.['correlationId'])}`;
    const all = await call(path);
    expect(all.body).toMatchObject({ service: 'visits', complete: true });
    expect(all.body.items?.map(({ stream, type }) => [stream, type]).slice(0, 3)).toEqual([
      [visitStream(visitId), 'VisitPlanned'],
      [`saga-hosting-${visitId}`, 'SagaStarted'],
      [`saga-hosting-${visitId}`, 'CommandSent'],
    ]);
    expect(JSON.stringify(all.body)).not.toContain('Lovelace');
    expect((await call(`${path}?limit=1`)).body).toMatchObject({ items: [{ version: 1 }], complete: false });
    expect((await call('/correlations/nobody')).body).toMatchObject({ items: [], complete: true });
  });

  it('is told why there is no state', async () => {
    const visitId = await waiting();
    const answerOf = async (path: string) => {
      const { status, body } = await call(`/streams/${path}`);
      return { status, code: body['code'] };
    };
    expect(await answerOf('visit-nobody/state')).toEqual({ status: 404, code: 'unknown_stream' });
    expect(await answerOf('basket-1/state')).toEqual({ status: 404, code: 'not_folded' });
    expect(await answerOf(`visit-${visitId}/state?at=2020-01-01T00:00:00Z`)).toMatchObject({ status: 404 });
    for (const wrong of [
      'state?version=0',
      'state?version=1&at=2020-01-01T00:00:00Z',
      'difference',
      'difference?from=x',
    ])
      expect(await answerOf(`visit-${visitId}/${wrong}`)).toEqual({ status: 400, code: 'invalid_request' });
  });
});
