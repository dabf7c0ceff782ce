import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { shippingCommands } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { causesOf, openShipping, sagasOf, typesOf, type ShippingFixture } from './shipping.fixture.ts';

let shipping: ShippingFixture;
beforeAll(async () => {
  shipping = await openShipping();
});
afterAll(() => shipping.close());

const statusOf = async (orderId: string) => (await shipping.call('GET', `/shipments/${orderId}`)).body.status;
const booked = (orderId: string, marks: object = {}) => [
  { key: `${orderId}:ship`, outcome: 'booked', cancelled: false, delivered: false, ...marks },
];

/** Runs `during` while the carrier does not answer. */
async function whileTheCarrierThinks(during: () => Promise<void>): Promise<void> {
  const answer = await shipping.hold('LOCK TABLE simulated_carrier_booking IN EXCLUSIVE MODE');
  try {
    await during();
  } finally {
    await answer();
  }
}

describe('a shipment', () => {
  it('is booked once under its stable key, dispatched when the order is complete, and delivered', async () => {
    const orderId = randomUUID();
    const scheduleId = await shipping.schedule(orderId);
    const [scheduled] = await shipping.answered(orderId, 1);
    expect(scheduled?.message).toEqual({ type: 'ShipmentScheduled', orderId });
    expect(scheduled?.headers.get('ce_correlationid')).toEqual(`story-${orderId}`);
    expect(scheduled?.headers.get('ce_source')).toEqual('/millrace/shipping');
    expect((await shipping.call('GET', `/shipments/${orderId}`)).body).toEqual({
      orderId,
      status: 'scheduled',
    });
    expect(await shipping.bookings(orderId)).toEqual(booked(orderId));

    const completedId = await shipping.complete(orderId);
    const told = await shipping.answered(orderId, 3);
    expect(typesOf(told)).toEqual(['ShipmentScheduled', 'ShipmentDispatched', 'ShipmentDelivered']);
    expect(causesOf(told)).toEqual([scheduleId, completedId, completedId]);
    expect(await statusOf(orderId)).toEqual('delivered');
    expect(await shipping.bookings(orderId)).toEqual(booked(orderId, { delivered: true }));
  });

  it('is refused for a postcode that the carrier does not serve', async () => {
    const orderId = randomUUID();
    const scheduleId = await shipping.schedule(orderId, '00000');
    const told = await shipping.answered(orderId, 1);
    expect(told.map(({ message }) => message)).toEqual([
      { type: 'ShipmentFailed', orderId, reason: 'address_refused' },
    ]);
    expect(causesOf(told)).toEqual([scheduleId]);
    expect(await statusOf(orderId)).toEqual('refused');
  });

  it('is cancelled at the carrier before the cancellation is published', async () => {
    const orderId = randomUUID();
    const scheduleId = await shipping.schedule(orderId);
    await shipping.answered(orderId, 1);
    const cancelId = await shipping.cancel(orderId);
    const told = await shipping.answered(orderId, 2);
    expect(typesOf(told)).toEqual(['ShipmentScheduled', 'ShipmentCancelled']);
    expect(causesOf(told)).toEqual([scheduleId, cancelId]);
    expect(await statusOf(orderId)).toEqual('cancelled');
    expect(await shipping.bookings(orderId)).toEqual(booked(orderId, { cancelled: true }));
  });

  it('repeats the first answer when a command arrives again, and does not answer the same request under another id', async () => {
    const orderId = randomUUID();
    const id = await shipping.schedule(orderId);
    const again = {
      type: 'ScheduleShipment',
      orderId,
      address: { name: 'A', street: 'B', city: 'C', postcode: '1', country: 'DE' },
    };
    await shipping.schedule(orderId, '00000');
    const [first] = await shipping.answered(orderId, 1);
    await shipping.send(shippingCommands, again, { id });
    expect((await shipping.answered(orderId, 2))[1]).toEqual(first);
    const cancelId = await shipping.cancel(orderId);
    await shipping.cancel(orderId);
    const [, , cancelled] = await shipping.answered(orderId, 3);
    await shipping.send(shippingCommands, { type: 'CancelShipment', orderId }, { id: cancelId });
    expect((await shipping.answered(orderId, 4))[3]).toEqual(cancelled);
    await shipping.cancel(orderId);
    await shipping.schedule(orderId);
    await shipping.handled(shippingCommands, orderId);
    expect(typesOf(await shipping.answered(orderId, 4))).toEqual([
      'ShipmentScheduled',
      'ShipmentScheduled',
      'ShipmentCancelled',
      'ShipmentCancelled',
    ]);
    expect(await shipping.bookings(orderId)).toEqual(booked(orderId, { cancelled: true }));
  });

  it('S35 is answered in the name of the saga that asked, after the call to the carrier and when asked again', async () => {
    const orderId = randomUUID();
    const id = await shipping.schedule(orderId, '10115', { saga: 'trip' });
    await shipping.answered(orderId, 1);
    await shipping.schedule(orderId, '10115', { saga: 'trip', id });
    await shipping.answered(orderId, 2);
    await shipping.cancel(orderId, { saga: 'returns' });
    const told = await shipping.answered(orderId, 3);
    expect(typesOf(told)).toEqual(['ShipmentScheduled', 'ShipmentScheduled', 'ShipmentCancelled']);
    expect(sagasOf(told)).toEqual(['trip', 'trip', 'returns']);
  });

  it.each([
    ['books', '10115'],
    ['refuses', '00000'],
  ])(
    'S35 is answered in the name of the saga that cancelled it before the carrier %s it',
    async (_outcome, postcode) => {
      const orderId = randomUUID();
      await whileTheCarrierThinks(async () => {
        await shipping.schedule(orderId, postcode, { saga: 'trip' });
        await until(shipping.waitingForLocks, (count) => count > 0);
        await shipping.cancel(orderId, { saga: 'returns' });
        await until(
          () => shipping.story(orderId),
          (story) => story.length === 2,
        );
      });
      const told = await shipping.answered(orderId, 1);
      expect(typesOf(told)).toEqual(['ShipmentCancelled']);
      expect(sagasOf(told)).toEqual(['returns']);
    },
  );

  it('is refused permanently if its cancellation arrives first', async () => {
    const orderId = randomUUID();
    const cancelId = await shipping.cancel(orderId);
    await shipping.schedule(orderId);
    await shipping.handled(shippingCommands, orderId);
    const told = await shipping.answered(orderId, 1);
    expect(typesOf(told)).toEqual(['ShipmentCancelled']);
    expect(causesOf(told)).toEqual([cancelId]);
    expect(await statusOf(orderId)).toEqual('cancelled');
    expect(await shipping.bookings(orderId)).toEqual([]);
  });

  it.each([
    ['books it anyway', '10115', 'booked', true],
    ['refuses it', '00000', 'refused', false],
  ])(
    'is answered only as cancelled if it is cancelled before the carrier answers, and the carrier %s',
    async (...row) => {
      const [, postcode, outcome, cancelled] = row;
      const orderId = randomUUID();
      let cancelId = '';
      await whileTheCarrierThinks(async () => {
        await shipping.schedule(orderId, postcode);
        await until(shipping.waitingForLocks, (count) => count > 0);
        cancelId = await shipping.cancel(orderId);
        await shipping.cancel(orderId);
        await until(
          () => shipping.story(orderId),
          (story) => story.length === 2,
        );
        await shipping.handled(shippingCommands, orderId);
        expect(await shipping.answers(orderId)).toEqual([]);
        expect((await shipping.call('GET', `/shipments/${orderId}`)).status).toBe(404);
      });
      const told = await shipping.answered(orderId, 1);
      expect(typesOf(told)).toEqual(['ShipmentCancelled']);
      expect(causesOf(told)).toEqual([cancelId]);
      expect(told[0]?.headers.get('ce_correlationid')).toBe(`story-${orderId}`);
      expect(await shipping.bookings(orderId)).toEqual([
        { key: `${orderId}:ship`, outcome, cancelled, delivered: false },
      ]);
      expect(await statusOf(orderId)).toBe('cancelled');
      await shipping.send(shippingCommands, { type: 'CancelShipment', orderId }, { id: cancelId });
      expect((await shipping.answered(orderId, 2))[1]).toEqual(told[0]);
    },
  );

  it('is cancelled at a carrier that answers after the step has timed out, and only the cancellation is published', async () => {
    const orderId = randomUUID();
    await shipping.schedule(orderId, '99999');
    await until(
      () => shipping.bookings(orderId),
      (bookings) => bookings.length === 1,
    );
    await shipping.cancel(orderId);
    expect(typesOf(await shipping.answered(orderId, 1))).toEqual(['ShipmentCancelled']);
    expect(await shipping.bookings(orderId)).toEqual([
      { key: `${orderId}:ship`, outcome: 'booked', cancelled: true, delivered: false },
    ]);
  });

  it('gets a late answer only once it was given up, whatever the clock says, even after the service has restarted', async () => {
    const orderId = randomUUID();
    await shipping.schedule(orderId, '99999');
    await until(
      () => shipping.bookings(orderId),
      (bookings) => bookings.length === 1,
    );
    const { rows } = await shipping.database.sql.query(
      `SELECT answers_at > now() + interval '1 day' AS held_back FROM simulated_carrier_booking WHERE key = $1`,
      [`${orderId}:ship`],
    );
    expect(rows).toEqual([{ held_back: true }]);
    await shipping.restart();
    expect(await shipping.answers(orderId)).toEqual([]);
    await shipping.cancel(orderId);
    expect(typesOf(await shipping.answered(orderId, 1))).toEqual(['ShipmentCancelled']);
  });

  it('is booked in the end if the carrier fails at first', async () => {
    const orderId = randomUUID();
    await shipping.database.sql.query('ALTER TABLE simulated_carrier_booking RENAME TO carrier_is_down');
    await shipping.schedule(orderId);
    await until(
      async () =>
        (
          await shipping.database.sql.query(`SELECT 1 FROM external_call WHERE key = $1 AND attempts >= 2`, [
            `${orderId}:ship`,
          ])
        ).rows,
      (rows) => rows.length === 1,
    );
    expect(await shipping.answers(orderId)).toEqual([]);
    await shipping.database.sql.query('ALTER TABLE carrier_is_down RENAME TO simulated_carrier_booking');
    expect(typesOf(await shipping.answered(orderId, 1))).toEqual(['ShipmentScheduled']);
    expect(await shipping.bookings(orderId)).toEqual(booked(orderId));
  });

  it('is neither lost nor booked twice if a restart interrupts it', async () => {
    const orderId = randomUUID();
    await whileTheCarrierThinks(async () => {
      await shipping.schedule(orderId);
      await until(shipping.waitingForLocks, (count) => count > 0);
    });
    await shipping.restart();
    expect(typesOf(await shipping.answered(orderId, 1))).toEqual(['ShipmentScheduled']);
    expect(await shipping.bookings(orderId)).toEqual(booked(orderId));
  });

  it('cannot be cancelled once it is on its way, and is not dispatched without a booking', async () => {
    const sent = randomUUID();
    const never = randomUUID();
    await shipping.schedule(sent);
    await shipping.answered(sent, 1);
    await shipping.complete(sent);
    await shipping.answered(sent, 2);
    await shipping.cancel(sent);
    await shipping.complete(never);
    await until(
      () =>
        Promise.all([
          shipping.published('shipping-commands.dlq', sent),
          shipping.published('order-events.dlq', never),
        ]),
      (letters) => letters.every(({ length }) => length === 1),
    );
    expect(typesOf(await shipping.answered(sent, 3))).not.toContain('ShipmentCancelled');
    expect(await shipping.answers(never)).toEqual([]);
  });

  it('keeps its address out of log lines, public messages and waiting calls', async () => {
    const orderId = randomUUID();
    await shipping.schedule(orderId);
    const told = await shipping.answered(orderId, 1);
    await shipping.logged(orderId, { msg: 'handled' });
    const { rows } = await shipping.database.sql.query(
      'SELECT payload FROM external_call WHERE key LIKE $1',
      [`${orderId}%`],
    );
    const { rows: open } = await shipping.database.sql.query(
      'SELECT data, metadata FROM event WHERE stream = $1',
      [`shipment-${orderId}`],
    );
    for (const place of [
      shipping.logs.join('\n'),
      JSON.stringify(told),
      JSON.stringify(rows),
      JSON.stringify(open),
    ])
      expect(place).not.toMatch(/Lovelace|Secret Mill/);
  });
});
