import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { openVisits, type Visits } from '../sample/visits.fixture.ts';
import { callOps } from './ops-call.fixture.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterAll(() => visits.close());

const rebuilds = async () =>
  ((await callOps(visits.service(), '/ops/projections/rebuilds')).body.items ?? []) as unknown as readonly {
    readonly revision: number;
    readonly paused: boolean;
  }[];

const act = (action: string, { projection = 'visit', ...headers }: Record<string, string> = {}) =>
  callOps(visits.service(), `/ops/projections/${projection}/actions`, { action, reason: 'INC-7' }, headers);

const actors = async (action: string) =>
  (
    await visits.database.sql.query('SELECT actor FROM operator_action WHERE action = $1', [
      `${action} projection`,
    ])
  ).rows.map(({ actor }) => actor);

describe('an operator of the read models', () => {
  it('Z07 E29 rebuilds one while it stays in use, and gets refusals for impossible actions', async () => {
    const { sql } = visits.database;
    const list = async () => (await sql.query('SELECT * FROM visit ORDER BY visit_id')).rows;
    const ids = [await visits.planned(), await visits.planned(), await visits.planned()];
    await visits.cancelled(ids[0]!);
    const before = await list();
    await sql.query('DELETE FROM visit WHERE visit_id = $1', [ids[1]]);
    await sql.query(`UPDATE visit SET status = 'cancelled'`);

    expect(await act('rebuild')).toMatchObject({
      status: 200,
      body: { items: [{ projection: 'visit' }], rebuildable: ['visit'] },
    });
    await until(rebuilds, (items) => items.length === 0);
    expect(before).toHaveLength(3);
    expect(await list()).toEqual(before);
    expect((await visits.call('GET', `/visits/${ids[2]}`)).body).toMatchObject({ status: 'planned' });

    expect(await act('pause')).toMatchObject({ status: 409, body: { code: 'rebuild_unknown' } });
    expect(await act('rebuild', { projection: 'nothing' })).toMatchObject({
      status: 409,
      body: { code: 'rebuild_not_possible' },
    });
    expect((await sql.query('SELECT actor, reason, action, subject FROM operator_action')).rows).toEqual([
      { actor: 'grace', reason: 'INC-7', action: 'rebuild projection', subject: 'visit' },
    ]);
  });

  it('begins none that is not recorded, and may then repeat the request', async () => {
    const { sql } = visits.database;
    const key = { 'idempotency-key': randomUUID() };
    await sql.query('ALTER TABLE operator_action RENAME TO hidden');
    expect((await act('rebuild', key)).status).toBe(500);
    await sql.query('ALTER TABLE hidden RENAME TO operator_action');

    const begun = await sql.query(`SELECT FROM checkpoint WHERE projection LIKE 'rebuild%'`);
    expect(begun.rows).toEqual([]);
    expect((await act('rebuild', key)).status).toBe(200);
  });
});

describe('of two operators who act on a rebuild at once', () => {
  beforeAll(async () => {
    await visits.restart({ ROLES: 'api' }); // no worker, so a rebuild stays where it is
    await visits.database.sql.query('TRUNCATE operator_action');
    if ((await rebuilds()).length > 0) await act('cancel');
    await visits.database.sql.query('TRUNCATE operator_action');
  });
  const seenAs = (revision: number | undefined): Record<string, string> =>
    revision === undefined ? {} : { 'if-match': `"${revision}"` };

  it.each([
    ['rebuild', 409, 'rebuild_running', [false]],
    ['pause', 412, 'version_moved', [true]],
    ['resume', 412, 'version_moved', [false]],
    ['cancel', 409, 'rebuild_unknown', []],
  ])('one can %s it, once, and the other is refused with %i %s', async (action, status, code, paused) => {
    const seen = seenAs((await rebuilds())[0]?.revision);
    const ada = { ...seen, 'millrace-actor': 'ada', 'idempotency-key': randomUUID() };
    const both = await Promise.all([act(action, ada), act(action, seen)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, status]);
    expect(both.find((answer) => answer.status !== 200)?.body).toMatchObject({ code });
    const winner = both[0].status === 200 ? 'ada' : 'grace';
    if (winner === 'ada') expect(await act(action, ada)).toEqual(both[0]);
    expect(await actors(action)).toEqual([winner]);
    expect((await rebuilds()).map((rebuild) => rebuild.paused)).toEqual(paused);
  });

  it('none can act on a rebuild that was restarted since they looked', async () => {
    await act('rebuild');
    const seen = seenAs((await rebuilds())[0]!.revision);
    await act('cancel', seen);
    await act('rebuild');
    expect(await act('cancel', seen)).toMatchObject({ status: 412 });
    expect(await rebuilds()).toHaveLength(1);
    expect(await act('cancel')).toMatchObject({ status: 200 });
    expect(await act('pause')).toMatchObject({ status: 409, body: { code: 'rebuild_unknown' } });
  });
});
