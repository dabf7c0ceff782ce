import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  cancelledStory,
  openShop,
  query,
  StoryTeller,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import { alarm } from './runbook/operator.fixture.ts';

interface Letter {
  readonly id: string;
  readonly type: string;
}
interface Waiting {
  readonly status: string;
  readonly waits: ReadonlyArray<{ readonly name: string }>;
}

const answers = ['InventoryReleased', 'PaymentRefunded', 'ShipmentCancelled'];
const operator = { 'millrace-actor': 'grace' };
const reason = 'INC-7: the service is repaired';

/** Its services give up a message that they cannot handle at once. */
describe('a choreographed order whose undoing meets a dead letter', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;

  beforeAll(async () => {
    stack = await startStack({
      RETRY_IN_PLACE_MS: '0',
      RETRY_PARKED_MS: '0',
      WATCH_EVERY_MS: '500',
      ALARM_HOLD_MS: '0',
      ALARM_SAGA_SECONDS: '1',
    });
    teller = new StoryTeller(stack.bootstrapServers);
  });
  afterAll(async () => {
    await teller?.close();
    await stack?.stop();
  });

  /** Makes a service unable to record events of this type. Returns what repairs it. */
  async function breakRecording(service: 'payment' | 'order', type: string): Promise<() => Promise<unknown>> {
    await query(
      stack,
      service,
      `CREATE FUNCTION break_recording() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken by a test'; END $$`,
    );
    await query(
      stack,
      service,
      `CREATE TRIGGER break_recording BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.type = '${type}') EXECUTE FUNCTION break_recording()`,
    );
    return () => query(stack, service, 'DROP FUNCTION break_recording CASCADE');
  }

  /** The carrier refuses its address once it is paid. */
  const placeFailing = async (): Promise<PlacedOrder> => {
    shop = await openShop(stack, teller, {
      stock: { lamp: 10 },
      accounts: { ada: 100_00 },
      style: 'choreographed',
    });
    return shop.place({ customer: 'ada', lines: { lamp: 1 }, postcode: '00000' });
  };

  const operators = (service: string, path: string) =>
    `${stack.operators?.[service]}/ops/dead-letters${path}`;

  async function letters(service: string, { orderId }: PlacedOrder, types: readonly string[]) {
    let found: readonly Letter[] = [];
    await until(`${types.join(', ')} among the dead letters of ${service}`, 30_000, async () => {
      const url = operators(service, `?key=${orderId}`);
      found = (await ask<{ items: readonly Letter[] }>('GET', url)).items;
      return found.length === types.length;
    });
    expect(found.map(({ type }) => type).sort()).toEqual(types);
    return found.map(({ id }) => id);
  }

  const redrive = (service: string, ids: readonly string[]) =>
    ask('POST', operators(service, '/redrive'), { ids, reason }, operator);

  /** What order still waits for. */
  const awaited = async ({ orderId }: PlacedOrder): Promise<readonly string[]> => {
    const { status, waits } = await ask<Waiting>('GET', `${stack.urls.order}/sagas/${orderId}`);
    expect(status).toBe('compensating');
    return waits.map(({ name }) => name).sort();
  };

  const isUndone = async (order: PlacedOrder) => {
    await order.endsAs('cancelled', 'address_refused');
    expect(await order.story()).toEqual(
      cancelledStory('choreographed', {
        before: ['InventoryReserved', 'PaymentProcessed', 'ShipmentFailed'],
        undone: [],
      }),
    );
    expect(await shop.books()).toEqual({ ada: 100_00, lamp: { onHand: 10, reserved: 0, shipped: 0 } });
    await alarm(stack, 'order', 'saga_age', 'cleared');
  };

  it('O14 stays open with an alarm if OrderFailed is one at a participant, and is undone once it is redriven', async () => {
    const repair = await breakRecording('payment', 'PaymentRefunded');
    const order = await placeFailing();
    const failure = await letters('payment', order, ['OrderFailed']);
    await until('the other participants to answer', 30_000, async () => (await awaited(order)).length === 1);
    expect(await awaited(order)).toEqual(['PaymentRefunded']);
    expect(await shop.books()).toMatchObject({ ada: 90_00, lamp: { onHand: 10, reserved: 0 } });
    await alarm(stack, 'order', 'saga_age', 'raised');

    await repair();
    await redrive('payment', failure);
    await isUndone(order);
  });

  it('O14 stays open with an alarm if order cannot handle the answers, and ends once they are redriven', async () => {
    const repair = await breakRecording('order', 'StepUndone');
    const order = await placeFailing();
    const unheard = await letters('order', order, answers);
    expect(await awaited(order)).toEqual(answers);
    expect(await shop.books()).toMatchObject({ ada: 100_00, lamp: { onHand: 10, reserved: 0 } });
    await alarm(stack, 'order', 'saga_age', 'raised');

    await repair();
    await redrive('order', unheard);
    await isUndone(order);
  });
});
