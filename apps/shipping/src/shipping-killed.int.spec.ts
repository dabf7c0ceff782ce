import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '@millrace/testing/service';
import { openShipping, typesOf, type ShippingFixture } from './shipping.fixture.ts';

let shipping: ShippingFixture;
beforeAll(async () => {
  shipping = await openShipping();
});
afterAll(() => shipping.close());

describe('the shipping service as a process', () => {
  it('asks the carrier again under the same key, and books once, if it is killed before it has recorded the answer', async () => {
    const orderId = randomUUID();
    await shipping.service().stop();
    const victim = shipping.spawn();
    await victim.ready;
    const answer = await shipping.hold('LOCK TABLE simulated_carrier_booking IN EXCLUSIVE MODE');
    await shipping.schedule(orderId);
    await until(shipping.waitingForLocks, (count) => count > 0);
    const record = await shipping.hold('SELECT 1 FROM stream WHERE id = $1 FOR UPDATE', [
      `shipment-${orderId}`,
    ]);
    await answer();
    await until(
      () => shipping.bookings(orderId),
      (bookings) => bookings.length === 1,
    );
    await until(shipping.waitingForLocks, (count) => count > 0);
    victim.kill('SIGKILL');
    await victim.ended;
    await record();
    expect(await shipping.story(orderId)).toEqual(['BookingRequested']);

    // Ends the lease of the killed process without waiting for it.
    await shipping.database.sql.query(`UPDATE external_call SET lease_until = '-infinity'`);
    await shipping.restart();
    expect(typesOf(await shipping.answered(orderId, 1))).toEqual(['ShipmentScheduled']);
    expect(await shipping.story(orderId)).toEqual(['BookingRequested', 'ShipmentScheduled']);
    expect(await shipping.bookings(orderId)).toEqual([
      { key: `${orderId}:ship`, outcome: 'booked', cancelled: false, delivered: false },
    ]);
  });

  it('exits with a line for each wrong setting', async () => {
    const { code, stderr } = await shipping.spawn({ SHIPPING_DELIVERY_MS: 'soon', SHIPPING_DATABASE_URL: '' })
      .ended;
    expect(code).toEqual(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^shipping: SHIPPING_DATABASE_URL: is missing/),
      expect.stringMatching(/^shipping: SHIPPING_DELIVERY_MS: must be a whole number \(example/),
    ]);
  });
});
