import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { eraseSubject, foldedStates, tablesWith } from '@millrace/testing/service';
import { openNotification, type NotificationFixture } from './notification.fixture.ts';
import { mailStream } from './stream-ids.ts';

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

  it('waits for a parked message in plain text, which would store the data again, but for no sealed one', async () => {
    const orderId = randomUUID();
    const other = randomUUID();
    const { sql } = notification.database;
    const park = (key: string, fields: object, offset: number) =>
      sql.query(
        `INSERT INTO parked_message (consumer_group, cluster_id, topic_id, topic, partition, record_offset,
           message_id, key_digest, key, value, headers, recorded_at_ms, bytes, parked_at, retry_at, attempts_in_place)
         VALUES ('notification', 'c', gen_random_uuid(), 'elsewhere', 0, $1, gen_random_uuid(), '', $2, $3, '{}', 0, 1,
           now(), now(), 1)`,
        [offset, Buffer.from(key), Buffer.from(JSON.stringify(fields))],
      );
    await park(orderId, { name: 'Plainly Ada' }, 1);
    await park(other, { name: { sealed: 1, subject: 'ada', data: 'x' } }, 2);
    const customerId = newCustomer();
    const waiting = await eraseSubject(notification, customerId, [orderId, other]);
    await sql.query('DELETE FROM parked_message');

    expect(waiting).toEqual({ state: 'waiting', reason: 'open_work', open: { parked: [orderId] } });
    expect(await eraseSubject(notification, customerId, [orderId, other])).toMatchObject({ state: 'erased' });
  });

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
