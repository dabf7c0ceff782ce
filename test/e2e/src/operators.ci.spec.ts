import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  openShop,
  query,
  request,
  StoryTeller,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';

interface Listed {
  readonly items: ReadonlyArray<Readonly<Record<string, string>>>;
}

const operator = { 'millrace-actor': 'grace' };
const reason = 'INC-7: the table of reservations is back';

describe('a saga whose participant always fails', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;

  beforeAll(async () => {
    stack = await startStack({
      SAGA_STEP_TIMEOUT_MS: '600000',
      RETRY_IN_PLACE_MS: '0',
      RETRY_PARKED_MS: '0',
    });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  const ops = (service: string, path: string) => `${stack.operators?.[service]}/ops/${path}`;
  const letterOf = async (order: PlacedOrder) => {
    let found: Listed['items'] = [];
    await until('the dead letter of the order', 30_000, async () => {
      found = (await ask<Listed>('GET', ops('inventory', `dead-letters?key=${order.orderId}`))).items;
      return found.length > 0;
    });
    return found[0]!;
  };
  const waiting = async () =>
    (await ask<Listed>('GET', ops('order', 'sagas?state=live&step=reserve'))).items.map(
      ({ sagaId }) => sagaId,
    );

  it('Z08 is found, and ends once the participant is repaired and its message or the saga is tried again', async () => {
    await query(stack, 'inventory', 'ALTER TABLE reservation RENAME TO reservation_away');
    const redriven = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
    const retried = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
    const first = await letterOf(redriven);
    const second = await letterOf(retried);
    expect(first['reason']).toContain('reservation');
    expect(await waiting()).toEqual(expect.arrayContaining([redriven.orderId, retried.orderId]));

    await query(stack, 'inventory', 'ALTER TABLE reservation_away RENAME TO reservation');
    await ask('POST', ops('inventory', 'dead-letters/redrive'), { ids: [first['id']], reason }, operator);
    await ask('POST', ops('inventory', 'dead-letters/discard'), { ids: [second['id']], reason }, operator);
    const saga = await request(`GET`, ops('order', `sagas/${retried.orderId}`));
    const seen = { 'if-match': saga.headers.get('etag') ?? '' };
    const actions = ops('order', `sagas/${retried.orderId}/actions`);
    await ask('POST', actions, { action: 'retry', reason }, { ...operator, ...seen });

    for (const order of [redriven, retried])
      await until(`${order.orderId} to be completed`, 30_000, async () => {
        const { status } = await ask<{ status: string }>('GET', ops('order', `sagas/${order.orderId}`));
        return status === 'completed';
      });
    expect(await waiting()).toEqual([]);
    await until('the dead letters to leave the log', 30_000, async () => {
      const { items } = await ask<Listed>('GET', ops('inventory', 'dead-letters?state=all'));
      return items.length === 0;
    });
  });
});
