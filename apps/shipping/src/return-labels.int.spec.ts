import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { shippingCommands } from '@millrace/contracts';
import { eraseSubject, tablesWith, until } from '@millrace/testing/service';
import { causesOf, openShipping, typesOf, type ShippingFixture } from './shipping.fixture.ts';

let shipping: ShippingFixture;
beforeAll(async () => {
  shipping = await openShipping();
});
afterAll(() => shipping.close());

/** An order whose parcel is delivered. Three events tell of it. */
async function delivered(postcode?: string): Promise<string> {
  const orderId = randomUUID();
  await shipping.schedule(orderId, postcode);
  await shipping.answered(orderId, 1);
  await shipping.complete(orderId);
  await shipping.answered(orderId, 3);
  return orderId;
}

/** The answers about the return, after the three about the shipment. */
const told = async (orderId: string, count: number) => (await shipping.answered(orderId, 3 + count)).slice(3);
const messages = async (orderId: string, count: number) =>
  (await told(orderId, count)).map(({ message }) => message);
const scan = (orderId: string) => shipping.call('POST', `/shipments/${orderId}/return-parcel`);
const viewOf = async (orderId: string) => (await shipping.call('GET', `/shipments/${orderId}`)).body;
const privateTypes = async (orderId: string) =>
  (
    await shipping.database.sql.query<{ type: string }>(
      'SELECT type FROM event WHERE stream = $1 ORDER BY version',
      [`return-label-${orderId}`],
    )
  ).rows.map(({ type }) => type);
const labels = async (orderId: string) =>
  (
    await shipping.database.sql.query(
      `SELECT tracking_number, voided_at IS NOT NULL AS voided FROM simulated_carrier_return_label WHERE key = $1`,
      [`${orderId}:return`],
    )
  ).rows;

/** Runs `during` while the carrier answers no request for a label. */
async function whileTheCarrierThinks(during: () => Promise<void>): Promise<void> {
  const answer = await shipping.hold('LOCK TABLE simulated_carrier_return_label IN EXCLUSIVE MODE');
  try {
    await during();
  } finally {
    await answer();
  }
}

describe('a return label', () => {
  it('has a number of the carrier, and brings the parcel back once', async () => {
    const orderId = await delivered();
    const trackingNumber = `RL-${orderId}`;
    const makeId = await shipping.makeLabel(orderId);
    expect(await messages(orderId, 1)).toEqual([{ type: 'ReturnLabelMade', orderId, trackingNumber }]);
    expect(causesOf(await told(orderId, 1))).toEqual([makeId]);
    expect((await told(orderId, 1))[0]?.headers.get('ce_correlationid')).toBe(`story-${orderId}`);
    expect(await viewOf(orderId)).toEqual({
      orderId,
      status: 'delivered',
      returnLabel: { status: 'made', trackingNumber },
    });

    const scanned = await scan(orderId);
    expect(scanned.status).toBe(200);
    const { receivedAt } = scanned.body.returnLabel as { readonly receivedAt: string };
    expect(scanned.body.returnLabel).toEqual({ status: 'received', trackingNumber, receivedAt });
    expect(await scan(orderId)).toMatchObject({ status: 200, body: scanned.body });
    expect(await messages(orderId, 2)).toMatchObject([
      { type: 'ReturnLabelMade' },
      { type: 'ReturnParcelReceived', orderId, receivedAt },
    ]);
    expect(await privateTypes(orderId)).toEqual([
      'ReturnLabelRequested',
      'ReturnLabelMade',
      'ReturnParcelReceived',
    ]);
  });

  it('is refused for a postcode from which the carrier takes no returns', async () => {
    const orderId = await delivered('11111');
    await shipping.makeLabel(orderId);
    expect(await messages(orderId, 1)).toEqual([
      { type: 'ReturnLabelRefused', orderId, reason: 'label_refused' },
    ]);
    expect((await viewOf(orderId)).returnLabel).toEqual({ status: 'refused' });
    expect(await scan(orderId)).toMatchObject({ status: 404, body: { code: 'no_return_label' } });
  });

  it('is refused without a shipment, without asking the carrier', async () => {
    const orderId = randomUUID();
    await shipping.makeLabel(orderId);
    expect((await shipping.answered(orderId, 1))[0]?.message).toEqual({
      type: 'ReturnLabelRefused',
      orderId,
      reason: 'label_refused',
    });
    expect(await privateTypes(orderId)).toEqual(['ReturnLabelRefused']);
    expect(await labels(orderId)).toEqual([]);
  });

  it('is voided at the carrier before that is published, and then brings no parcel', async () => {
    const orderId = await delivered();
    const makeId = await shipping.makeLabel(orderId);
    await told(orderId, 1);
    const voidId = await shipping.voidLabel(orderId);
    const answers = await told(orderId, 2);
    expect(typesOf(answers)).toEqual(['ReturnLabelMade', 'ReturnLabelVoided']);
    expect(causesOf(answers)).toEqual([makeId, voidId]);
    expect(await labels(orderId)).toEqual([{ tracking_number: `RL-${orderId}`, voided: true }]);
    expect((await viewOf(orderId)).returnLabel).toMatchObject({ status: 'voided' });
    expect(await scan(orderId)).toMatchObject({ status: 409, body: { code: 'return_label_voided' } });
  });

  it('repeats the first answer when a command arrives again, and does not answer the same request under another id', async () => {
    const orderId = await delivered();
    const id = await shipping.makeLabel(orderId);
    const [first] = await told(orderId, 1);
    await shipping.send(shippingCommands, shippingCommands.MakeReturnLabel({ orderId }), { id });
    await shipping.makeLabel(orderId);
    expect((await told(orderId, 2))[1]).toEqual(first);
    const voidId = await shipping.voidLabel(orderId);
    const voided = (await told(orderId, 3))[2];
    await shipping.send(shippingCommands, shippingCommands.VoidReturnLabel({ orderId }), { id: voidId });
    expect((await told(orderId, 4))[3]).toEqual(voided);
    await shipping.voidLabel(orderId);
    await shipping.makeLabel(orderId);
    await shipping.handled(shippingCommands, orderId);
    expect(await told(orderId, 4)).toHaveLength(4);
    expect(await labels(orderId)).toEqual([{ tracking_number: `RL-${orderId}`, voided: true }]);
  });

  it('D11 is never made if its voiding arrives first', async () => {
    const orderId = await delivered();
    const voidId = await shipping.voidLabel(orderId);
    await shipping.makeLabel(orderId);
    await shipping.handled(shippingCommands, orderId);
    expect(typesOf(await told(orderId, 1))).toEqual(['ReturnLabelVoided']);
    expect(causesOf(await told(orderId, 1))).toEqual([voidId]);
    expect(await labels(orderId)).toEqual([]);
  });

  it('is not voided at the carrier once it has brought the parcel, and the voiding is answered', async () => {
    const orderId = await delivered();
    await shipping.makeLabel(orderId);
    await told(orderId, 1);
    const { body } = await scan(orderId);
    await shipping.voidLabel(orderId);
    expect(typesOf(await told(orderId, 3))).toEqual([
      'ReturnLabelMade',
      'ReturnParcelReceived',
      'ReturnLabelVoided',
    ]);
    expect(await labels(orderId)).toEqual([{ tracking_number: `RL-${orderId}`, voided: false }]);
    expect((await scan(orderId)).body.returnLabel).toEqual({
      ...(body.returnLabel as object),
      status: 'voided',
    });
  });

  it.each([
    ['makes it anyway', '10115', { tracking_number: expect.any(String), voided: true }],
    ['refuses it', '11111', { tracking_number: null, voided: false }],
  ])(
    'D11 is answered only as voided if it is voided before the carrier answers, and the carrier %s',
    async (_what, postcode, label) => {
      const orderId = await delivered(postcode);
      let voidId = '';
      await whileTheCarrierThinks(async () => {
        await shipping.makeLabel(orderId);
        await until(shipping.waitingForLocks, (count) => count > 0);
        voidId = await shipping.voidLabel(orderId);
        await shipping.voidLabel(orderId);
        await until(
          () => privateTypes(orderId),
          (types) => types.length === 2,
        );
        await shipping.handled(shippingCommands, orderId);
        expect(await told(orderId, 0)).toEqual([]);
        expect(await scan(orderId)).toMatchObject({ status: 404, body: { code: 'no_return_label' } });
      });
      const answers = await told(orderId, 1);
      expect(typesOf(answers)).toEqual(['ReturnLabelVoided']);
      expect(causesOf(answers)).toEqual([voidId]);
      expect(await labels(orderId)).toEqual([label]);
      await shipping.send(shippingCommands, shippingCommands.VoidReturnLabel({ orderId }), { id: voidId });
      expect((await told(orderId, 2))[1]).toEqual(answers[0]);
    },
  );

  it('is neither lost nor made twice if a restart interrupts it', async () => {
    const orderId = await delivered();
    await whileTheCarrierThinks(async () => {
      await shipping.makeLabel(orderId);
      await until(shipping.waitingForLocks, (count) => count > 0);
    });
    await shipping.restart();
    expect(typesOf(await told(orderId, 1))).toEqual(['ReturnLabelMade']);
    expect(await labels(orderId)).toHaveLength(1);
  });

  it('is made for an erased customer as well, and has nothing personal', async () => {
    const customerId = `customer-${randomUUID().slice(0, 8)}`;
    const orderId = randomUUID();
    const address = {
      name: 'Plainly Returned',
      street: 'Mill Lane 1',
      city: 'Berlin',
      postcode: '10115',
      country: 'DE',
    };
    await shipping.send(
      shippingCommands,
      shippingCommands.ScheduleShipment({ orderId, customerId, address }),
    );
    await shipping.answered(orderId, 1);
    await shipping.complete(orderId);
    await shipping.answered(orderId, 3);
    await eraseSubject(shipping, customerId, [orderId]);

    await shipping.makeLabel(orderId);
    expect(typesOf(await told(orderId, 1))).toEqual(['ReturnLabelMade']);
    expect(await tablesWith(shipping.database.sql, ['Plainly Returned'])).toEqual([]);
  });
});
