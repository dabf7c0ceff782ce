import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shippingCommands } from '@millrace/contracts';
import { fc } from '@millrace/testing/random';
import { eraseSubject, foldedStates, tablesWith } from '@millrace/testing/service';
import { openShipping, type ShippingFixture } from './shipping.fixture.ts';
import { shipmentStream } from './stream-ids.ts';

let shipping: ShippingFixture;
beforeAll(async () => {
  shipping = await openShipping();
});
afterAll(() => shipping.close());

const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

/** A shipment that the carrier has booked, or refused to postcode 00000. */
async function answered(customerId: string | undefined, fields: object): Promise<string> {
  const orderId = randomUUID();
  const address = { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode: '10115', country: 'DE' };
  const command = { orderId, customerId, address: { ...address, ...fields } };
  await shipping.send(shippingCommands, shippingCommands.ScheduleShipment(command));
  await shipping.answered(orderId, 1);
  return orderId;
}

describe('the erasure of a customer by the shipping service', () => {
  it('leaves no address readable, while every stream still folds', async () => {
    const text = fc.stringMatching(/^[a-z]{12,20}$/);
    const postcode = fc.constantFrom('10115', '00000');
    const address = fc.record({ name: text, street: text, city: text, postcode });
    await fc.assert(
      fc.asyncProperty(fc.array(address, { minLength: 1, maxLength: 3 }), async (addresses) => {
        const customerId = newCustomer();
        const orders = await Promise.all(addresses.map((each) => answered(customerId, each)));

        expect(await eraseSubject(shipping, customerId, orders)).toMatchObject({
          state: 'erased',
          cleared: { events: 0 },
        });

        const texts = addresses.flatMap(({ name, street, city }) => [name, street, city]);
        expect(await tablesWith(shipping.database.sql, texts)).toEqual([]);
        const states = await foldedStates(shipping);
        orders.forEach((orderId, index) =>
          expect(states.get(shipmentStream(orderId))).toEqual({
            status: addresses[index]?.postcode === '00000' ? 'refused' : 'scheduled',
          }),
        );
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it('erases what came from releases that did not name the customer, by the order', async () => {
    const orderId = await answered(undefined, { name: 'Plainly Ada' });
    const { sql } = shipping.database;
    expect(await tablesWith(sql, ['Plainly Ada'])).toEqual(['event']);

    expect(await eraseSubject(shipping, newCustomer(), [orderId])).toMatchObject({ cleared: { events: 1 } });
    expect(await tablesWith(sql, ['Plainly Ada'])).toEqual([]);
  });
});
