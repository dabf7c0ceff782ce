import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inventoryCommands, paymentCommands, shippingEvents } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

interface Readiness {
  readonly status: string;
  readonly checks: {
    readonly consumer: { readonly details: { readonly blocked: readonly unknown[] } };
    readonly alarms: { readonly details: { readonly active: readonly { readonly alarm: string }[] } };
  };
}

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ WATCH_EVERY_MS: '50', ALARM_HOLD_MS: '0' });
});
afterAll(() => order.close());

const { says } = participants(() => order);
const readiness = async () => (await fetch(`${order.service().url}/readyz`)).json() as Promise<Readiness>;
const metrics = async () => (await fetch(`${order.service().url}/metrics`)).text();
const deadLetters = async () =>
  (await order.database.sql.query(`SELECT key FROM outbox WHERE topic LIKE '%.dlq'`)).rows;

/** Returns whether the offset has moved past the one shipping event that the test sends. */
const skipped = async () =>
  (
    await order.database.sql.query(
      `SELECT 1 FROM consumer_offset WHERE consumer_group = 'order' AND topic = 'shipping-events' AND next_offset > 0`,
    )
  ).rowCount > 0;

/** Changes the saga as if a release with this version had started it. */
const startedWith = (version: number, orderId: string) =>
  order.database.sql.query('UPDATE saga_instance SET version = $1 WHERE saga_id = $2', [version, orderId]);

describe('an order whose fulfillment was started by a later release', () => {
  it('S11 leaves a message that only that release may know on the log, and makes the service unready with a reason and an alarm', async () => {
    const orderId = await order.placed();
    await order.commanded(inventoryCommands, 'ReserveInventory', orderId);
    await startedWith(9, orderId);
    await order.send(shippingEvents, shippingEvents.ShipmentDispatched({ orderId }), {
      source: '/millrace/shipping',
    });

    await until(async () => (await skipped()) || (await readiness()).status === 'unhealthy', Boolean);
    expect(await skipped()).toBe(false);
    const { checks } = await until(readiness, ({ checks: { alarms } }) => alarms.details.active.length === 2);
    expect(checks.consumer.details.blocked).toEqual([
      {
        partition: expect.stringMatching(/^shipping-events\/\d$/),
        reason:
          `saga fulfillment ${orderId} needs version 9, which this process does not know: ` +
          'start a process that knows it, and stop this one',
      },
    ]);
    expect(checks.alarms.details.active).toMatchObject([
      { alarm: 'partition_blocked', place: { group: 'order', topic: 'shipping-events' }, value: 1 },
      { alarm: 'saga_version_unknown', place: { definition: 'fulfillment', kind: 'version 9' }, value: 1 },
    ]);
    expect(await metrics()).toMatch(/^millrace_consumer_partitions_blocked\{group="order".*\} 1$/m);
    expect(await metrics()).toMatch(
      /^millrace_sagas_unknown_version\{definition="fulfillment",version="9".*\} 1$/m,
    );

    await startedWith(1, orderId);
    await until(readiness, ({ status }) => status === 'ready');
    await says.reserved(orderId);
    await order.commanded(paymentCommands, 'ProcessPayment', orderId);
    expect(await deadLetters()).toEqual([]);
  });
});
