import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openOrder, type OrderFixture } from './order.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ ROLES: 'api' }); // no worker, so a rebuild stays where it is
});
afterAll(() => order.close());

const rebuilds = async () => {
  const answer = await fetch(`${order.service().opsUrl}/ops/projections/rebuilds`);
  return ((await answer.json()) as { items: { revision: number; paused: boolean }[] }).items;
};

async function act(action: string, actor: string, seen: number | undefined, key: string = randomUUID()) {
  const path = '/ops/projections/order_summary/actions';
  const answer = await fetch(`${order.service().opsUrl}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'millrace-actor': actor,
      'idempotency-key': key,
      ...(seen !== undefined && { 'if-match': `"${seen}"` }),
    },
    body: JSON.stringify({ action, reason: 'INC-7' }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const actorsOf = async (action: string) =>
  (
    await order.database.sql.query('SELECT actor FROM operator_action WHERE action = $1', [
      `${action} projection`,
    ])
  ).rows.map(({ actor }) => actor);

describe('of two operators who act on a rebuild at once', () => {
  it.each([
    ['rebuild', 409, 'rebuild_running', [false]],
    ['pause', 412, 'version_moved', [true]],
    ['resume', 412, 'version_moved', [false]],
    ['cancel', 409, 'rebuild_unknown', []],
  ])('one can %s it, once, and the other is refused with %i %s', async (action, status, code, paused) => {
    const seen = (await rebuilds())[0]?.revision;
    const key = randomUUID();
    const both = await Promise.all([act(action, 'ada', seen, key), act(action, 'grace', seen)]);
    expect(both.map((answer) => answer.status).sort()).toEqual([200, status]);
    expect(both.find((answer) => answer.status !== 200)?.body).toMatchObject({ code });
    const winner = both[0]?.status === 200 ? 'ada' : 'grace';
    if (winner === 'ada') expect(await act(action, 'ada', seen, key)).toEqual(both[0]);
    expect(await actorsOf(action)).toEqual([winner]);
    expect((await rebuilds()).map((rebuild) => rebuild.paused)).toEqual(paused);
  });

  it('none can act on a rebuild that was begun anew since they have looked', async () => {
    await act('rebuild', 'ada', undefined);
    const seen = (await rebuilds())[0]!.revision;
    await act('cancel', 'ada', seen);
    await act('rebuild', 'ada', undefined);
    expect(await act('cancel', 'grace', seen)).toMatchObject({ status: 412 });
    expect(await rebuilds()).toHaveLength(1);
    expect(await act('cancel', 'grace', undefined)).toMatchObject({ status: 200 });
    expect(await act('pause', 'grace', undefined)).toMatchObject({
      status: 409,
      body: { code: 'rebuild_unknown' },
    });
  });
});
