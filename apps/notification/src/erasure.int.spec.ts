import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { eraseSubject, foldedStates, tablesWith } from '@millrace/testing/service';
import { openNotification, type NotificationFixture } from './notification.fixture.ts';
import { mailStream } from './streams.ts';

let notification: NotificationFixture;
beforeAll(async () => {
  notification = await openNotification();
});
afterAll(() => notification.close());

const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

async function mailed(mail: object): Promise<string> {
  const orderId = randomUUID();
  await notification.ask(orderId, mail);
  await notification.toldOf(orderId, 1);
  return orderId;
}

describe('the erasure of a customer by the notification service', () => {
  it('leaves neither a recipient nor the text of a mail readable, while every stream still folds', async () => {
    const text = fc.stringMatching(/^[a-z]{12,20}$/);
    const letter = fc.record({ to: text, name: text });
    await fc.assert(
      fc.asyncProperty(fc.array(letter, { minLength: 1, maxLength: 3 }), async (letters) => {
        const customerId = newCustomer();
        const orders = await Promise.all(
          letters.map(({ to, name }) => mailed({ customerId, to: `${to}@example.org`, name })),
        );

        expect(await eraseSubject(notification, customerId, orders)).toMatchObject({
          state: 'erased',
          cleared: { events: 0 },
        });

        const texts = letters.flatMap(({ to, name }) => [to, name]);
        expect(await tablesWith(notification.database.sql, texts)).toEqual([]);
        const states = await foldedStates(notification);
        for (const orderId of orders)
          expect(states.get(mailStream(orderId, 'order-completed'))).toEqual({ status: 'sent' });
      }),
      { numRuns: 3 },
    );
  }, 120_000);

  it('erases what came from releases that did not name the customer, by the order', async () => {
    const orderId = await mailed({ customerId: undefined, name: 'Plainly Ada' });
    const { sql } = notification.database;
    expect(await tablesWith(sql, ['Plainly Ada'])).toEqual(['event']);

    expect(await eraseSubject(notification, newCustomer(), [orderId])).toMatchObject({
      cleared: { events: 1 },
    });
    expect(await tablesWith(sql, ['Plainly Ada'])).toEqual([]);
  });
});
