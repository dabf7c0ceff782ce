import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inventoryCommands, paymentCommands } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({
    SAGA_STEP_TIMEOUT_MS: '1000',
    SAGA_STEP_RESENDS: '20',
    RETRY_IN_PLACE_MS: '0',
    WATCH_EVERY_MS: '50',
    ALARM_HOLD_MS: '0',
    ALARM_PARKED_SECONDS: '1',
  });
});
afterAll(() => order.close());

const { says, completes } = participants(() => order);

/**
 * Makes the service fail when this order's saga takes the reply to a command, until the returned
 * function is called.
 */
async function failingAnswersOf(orderId: string): Promise<() => Promise<unknown>> {
  const { sql } = order.database;
  await sql.query(`
    CREATE FUNCTION refuse_answer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a bug that will be corrected'; END $$`);
  await sql.query(`
    CREATE TRIGGER refuse_answer BEFORE INSERT ON event FOR EACH ROW
    WHEN (NEW.stream = 'saga-fulfillment-${orderId}' AND NEW.type = 'CommandAccepted') EXECUTE FUNCTION refuse_answer()`);
  return () => sql.query('DROP TRIGGER refuse_answer ON event');
}

const reservations = async (orderId: string) =>
  (await order.published('inventory-commands', orderId)).filter(
    ({ message }) => message.type === 'ReserveInventory',
  ).length;
const checks = async () =>
  (
    (await (await fetch(`${order.service().url}/readyz`)).json()) as {
      readonly checks: Readonly<Record<string, { readonly details?: object }>>;
    }
  ).checks;

describe('a reply to a saga that cannot be handled yet', () => {
  it("is parked and keeps its saga's timer from firing; the order completes once the fault is corrected", async () => {
    const orderId = await order.placed();
    await order.commanded(inventoryCommands, 'ReserveInventory', orderId);
    const corrected = await failingAnswersOf(orderId);
    await says.reserved(orderId);
    const ready = await until(checks, ({ consumer }) => JSON.stringify(consumer).includes('"parkedKeys":1'));
    expect(ready.consumer).toMatchObject({ details: { parkedMessages: 1, waitingForRoom: [] } });
    const sent = await reservations(orderId);

    const silent = await order.placed();
    await until(
      () => reservations(silent),
      (count) => count >= 3,
    );
    expect(await reservations(orderId)).toBe(sent);
    const alarmed = await until(checks, ({ alarms }) => JSON.stringify(alarms).includes('parked_age'));
    expect(alarmed.alarms).toMatchObject({
      details: { active: [{ alarm: 'parked_age', place: { group: 'order', topic: 'inventory-events' } }] },
    });

    await corrected();
    await order.commanded(paymentCommands, 'ProcessPayment', orderId);
    await completes(orderId);
    await order.endsAs(orderId, 'completed');
    expect(await reservations(orderId)).toBe(sent);
    expect(await order.published('inventory-events.dlq', orderId)).toEqual([]);
  });
});
