import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { askToErase, eraseSubject, tablesWith } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ PERSONAL_DATA_SEALING: 'off' });
});
afterAll(() => order.close());
const { says } = participants(() => order);

const checkOfKeys = async () => {
  const answer = await fetch(`${order.service().url}/readyz`);
  return ((await answer.json()) as { checks: Record<string, unknown> }).checks['keys'];
};

/** A completed order of a customer whose street is nowhere else. */
async function completed(customerId: string, street: string): Promise<void> {
  const orderId = await order.placed({ customerId, shippingAddress: { ...address, street } });
  for (const say of [says.reserved, says.paid, says.scheduled]) await say(orderId);
  await says.committed(orderId);
  await order.endsAs(orderId, 'completed');
}

describe('the order service while the sealing of personal data is off', () => {
  it('refuses to erase a customer, names the setting, and warns when it starts', async () => {
    const customerId = `customer-${randomUUID().slice(0, 8)}`;

    expect(await askToErase(order, customerId)).toMatchObject({
      status: 409,
      code: 'sealing_off',
      detail: expect.stringContaining('PERSONAL_DATA_SEALING is off: remove the setting from every process'),
    });
    expect(
      (await order.order({ customerId, lines: [{ sku: await order.product(1), quantity: 1 }] })).status,
    ).toBe(202);
    expect(order.logs.filter((line) => line.includes('stored in plain text'))).toHaveLength(1);
    expect(await checkOfKeys()).toMatchObject({
      healthy: true,
      details: { sealing: 'off', warning: expect.stringContaining('in plain text') },
    });
  });

  it('leaves plain text that an erasure clears once it is on, but for messages, which retention removes', async () => {
    const customerId = `customer-${randomUUID().slice(0, 8)}`;
    const street = `Street ${randomUUID()}`;
    await completed(customerId, street);
    expect(await tablesWith(order.database.sql, [street])).toContain('event');

    await order.restart({ PERSONAL_DATA_SEALING: 'on' });
    expect(await eraseSubject(order, customerId)).toMatchObject({ state: 'erased', cleared: { events: 1 } });

    const left = await tablesWith(order.database.sql, [street]);
    expect(left.filter((table) => !table.startsWith('outbox_'))).toEqual([]);
    expect(await checkOfKeys()).toMatchObject({ details: { sealing: 'on' } });
  });
});
