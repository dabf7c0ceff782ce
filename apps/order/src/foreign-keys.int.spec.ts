import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestKeys, type TestDatabase } from '@millrace/testing/postgres';
import { openOrder, type OrderFixture } from './order.fixture.ts';

let order: OrderFixture;
let others: TestDatabase;
let own: string;
let foreign: string;
beforeAll(async () => {
  order = await openOrder();
  others = await createTestKeys();
  own = await idOf(order.keys!);
  foreign = await idOf(others);
});
afterAll(async () => {
  await order.close();
  await others.drop();
});
beforeEach(() => order.database.sql.query('UPDATE keys_database SET id = $1', [own]));

const idOf = async ({ sql }: TestDatabase) =>
  String((await sql.query('SELECT id FROM keys_identity')).rows[0]?.['id']);
const keysMade = async () => (await others.sql.query('SELECT FROM subject_key')).rowCount;
const place = async () => order.order({ lines: [{ sku: await order.product(10), quantity: 1 }] });

describe('the order service with a database of other keys', () => {
  it('does not start, names both databases and the remedies, and makes no key there', async () => {
    const refused = order.restart({ KEYS_DATABASE_URL: others.url });

    await expect(refused).rejects.toThrow(
      `KEYS_DATABASE_URL leads to the keys ${foreign}, but the personal data of order were sealed with the keys ` +
        `${own}: correct the setting, or restore the backup of those keys. If they are lost for good, set ` +
        `KEYS_DATABASE_LOST=${own}; what they sealed then stays unreadable`,
    );
    expect(await keysMade()).toBe(0);
  });

  it('answers 503 and makes no key there if they could be reached only after its start', async () => {
    await others.sql.query('ALTER TABLE keys_identity RENAME TO hidden');
    await order.restart({ KEYS_DATABASE_URL: others.url });
    await others.sql.query('ALTER TABLE hidden RENAME TO keys_identity');

    const { status } = await place();
    const ready = (await (await fetch(`${order.service().url}/readyz`)).json()) as { checks: object };

    expect({ status, made: await keysMade() }).toEqual({ status: 503, made: 0 });
    expect(ready).toMatchObject({
      checks: { keys: { details: { reason: expect.stringContaining(foreign) } } },
    });
  });

  it('goes on with them once the setting says that its own are lost, and without the setting later', async () => {
    await order.restart({ KEYS_DATABASE_URL: others.url, KEYS_DATABASE_LOST: own });
    const { status } = await place();
    await order.restart({ KEYS_DATABASE_URL: others.url });

    expect({ status, later: (await place()).status }).toEqual({ status: 202, later: 202 });
    expect(await keysMade()).toBeGreaterThan(0);
  });
});
