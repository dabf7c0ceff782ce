import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { saga } from '@millrace/saga';
import { until } from '@millrace/testing/within';
import { hosting, roomCommands, roomEvents, visitEvents } from '../sample/visit.fixture.ts';
import { openVisits, type Visits } from '../sample/visits.fixture.ts';
import { callOps } from './ops-call.fixture.ts';

/** A second saga of each visit, which only hands the key over. */
const key = saga('key', {
  version: 1,
  starts: visitEvents.VisitPlanned,
  id: ({ visitId }) => visitId,
  subject: 'visit',
  commands: [roomCommands],
})
  .pivot('key', {
    command: ({ visit: { visitId } }) => roomCommands.HandOverKey({ visitId }),
    accepted: roomEvents.KeyHandedOver,
    rejected: roomEvents.KeyRefused,
  })
  .whenCompensated(
    ({ visit: { visitId }, failure }) => roomCommands.CloseVisit({ visitId, reason: failure.reason }),
    { accepted: roomEvents.VisitClosed },
  );

describe('an operator of a service whose sagas have the same id', () => {
  let visits: Visits;
  beforeAll(async () => {
    visits = await openVisits({}, [hosting, key]);
  });
  afterAll(() => visits.close());

  const call = (path: string) => callOps(visits.service(), `/ops/sagas/${path}`);
  const pause = (path: string, etag: string | null) =>
    callOps(
      visits.service(),
      `/ops/sagas/${path}/actions`,
      { action: 'pause', reason: 'INC-7' },
      { 'if-match': etag ?? '' },
    );

  /** A visit whose two sagas have both sent a command. */
  async function planned(): Promise<string> {
    const visitId = await visits.planned();
    await visits.commanded('PrepareRoom', visitId);
    await visits.commanded('HandOverKey', visitId);
    return visitId;
  }

  it('Z35 looks at one of them and acts on it by its definition', async () => {
    const visitId = await planned();
    const { etag, body } = await call(`key/${visitId}`);
    expect(body).toMatchObject({ definition: 'key', waitsFor: [{ step: 'key' }] });
    expect(await pause(`key/${visitId}`, etag)).toMatchObject({
      status: 200,
      body: { definition: 'key', paused: { actor: 'grace' } },
    });
    const other = await call(`hosting/${visitId}`);
    expect(other.body).toMatchObject({ definition: 'hosting', waitsFor: [{ step: 'room' }] });
    expect(other.body['paused']).toBeUndefined();
  });

  it('pages through the events of one of them, the oldest first, as the view of the saga shows them', async () => {
    const visitId = await planned();
    const { body: view } = await call(`key/${visitId}`);
    const path = `key/${visitId}/events`;
    const first = await call(`${path}?limit=1`);
    const second = await call(`${path}?after=${String(first.body['nextCursor'])}`);
    expect(second.body['nextCursor']).toBeNull();
    const items = [...(first.body.items ?? []), ...(second.body.items ?? [])];
    expect(items.map(({ streamVersion }) => streamVersion)).toEqual([1, 2]);
    expect(items.map(({ streamVersion: _version, ...event }) => event)).toEqual(view['events']);

    expect((await call(`${path}?afterVersion=1`)).body).toEqual(second.body);
    expect((await call(`${path}?afterVersion=2`)).body).toEqual({ items: [], nextCursor: null });

    expect(await call(`${path}?after=nonsense`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'after' }] },
    });
    const unknown = { status: 404, body: { code: 'unknown_saga' } };
    for (const wrong of [`other/${visitId}`, 'key/nobody'])
      expect(await call(`${wrong}/events`)).toMatchObject(unknown);
  });

  it('Z35 is told which sagas there are if only the id is given', async () => {
    const visitId = await planned();
    const refused = {
      status: 409,
      body: {
        code: 'several_sagas',
        detail: expect.stringContaining(`hosting/${visitId} and key/${visitId}`),
      },
    };
    expect(await call(visitId)).toMatchObject(refused);
    expect(await pause(visitId, '"2"')).toMatchObject(refused);
  });

  it('is told that there is no saga of a definition', async () => {
    const unknown = { status: 404, body: { code: 'unknown_saga' } };
    expect(await call(`other/${await planned()}`)).toMatchObject(unknown);
    expect(await pause('hosting/nobody', '"1"')).toMatchObject(unknown);
  });

  it('S35 sees that a reply continues only the saga that it names', async () => {
    const visitId = await planned();
    const commandId = (await visits.commanded('HandOverKey', visitId)).headers.get('ce_id') ?? '';
    await visits.send(roomEvents, roomEvents.KeyHandedOver({ visitId }), {
      source: '/millrace/rooms',
      causationId: commandId,
      saga: 'key',
    });
    await until(
      () => call(`key/${visitId}`),
      ({ body }) => body['status'] === 'completed',
    );
    expect((await call(`hosting/${visitId}`)).body['events']).toEqual([
      expect.objectContaining({ type: 'SagaStarted' }),
      expect.objectContaining({ type: 'CommandSent' }),
    ]);
  });
});
