import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestKeys, type TestDatabase } from '@millrace/testing/postgres';
import { openVisits, type Visits } from '../../sample/visits.fixture.ts';

let visits: Visits;
let others: TestDatabase;
let own: string;
let foreign: string;
beforeAll(async () => {
  visits = await openVisits();
  others = await createTestKeys();
  own = await idOf(visits.keys!);
  foreign = await idOf(others);
});
afterAll(async () => {
  await visits.close();
  await others.drop();
});
beforeEach(() =>
  visits.database.sql.query(
    'INSERT INTO keys_database (id) VALUES ($1) ON CONFLICT (single) DO UPDATE SET id = excluded.id',
    [own],
  ),
);

const idOf = async ({ sql }: TestDatabase) =>
  String((await sql.query('SELECT id FROM keys_identity')).rows[0]?.['id']);
const keysMade = async () => (await others.sql.query('SELECT FROM subject_key')).rowCount;
const plan = () => visits.call('POST', '/visits', { guestId: 'ada', name: 'Ada' });

describe('a service with a database of other keys', () => {
  it('does not start, names both databases and the remedies, and makes no key there', async () => {
    const refused = visits.restart({ KEYS_DATABASE_URL: others.url });

    await expect(refused).rejects.toThrow(
      `KEYS_DATABASE_URL leads to the keys ${foreign}, but the personal data of visits were sealed with the keys ` +
        `${own}: correct the setting, or restore the backup of those keys. If they are lost for good, set ` +
        `KEYS_DATABASE_LOST=${own}; what they sealed then stays unreadable`,
    );
    expect(await keysMade()).toBe(0);
  });

  it('answers 503 and makes no key there if they could be reached only after its start', async () => {
    await others.sql.query('ALTER TABLE keys_identity RENAME TO hidden');
    await visits.restart({ KEYS_DATABASE_URL: others.url });
    await others.sql.query('ALTER TABLE hidden RENAME TO keys_identity');

    const { status } = await plan();
    const { keys } = await visits.checks();

    expect({ status, made: await keysMade() }).toEqual({ status: 503, made: 0 });
    expect(keys).toMatchObject({ details: { reason: expect.stringContaining(foreign) } });
  });

  it('continues with them once the setting says that its own are lost, and later without the setting', async () => {
    await visits.restart({ KEYS_DATABASE_URL: others.url, KEYS_DATABASE_LOST: own });
    const { status } = await plan();
    await visits.restart({ KEYS_DATABASE_URL: others.url });

    expect({ status, later: (await plan()).status }).toEqual({ status: 202, later: 202 });
    expect(await keysMade()).toBeGreaterThan(0);
  });
});

describe('a service that has just started, with more requests than connections', () => {
  const moreThanConnections = async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, plan));
    return answers.map(({ status }) => status);
  };

  it('waits for no further connection when it uses its keys for the first time', async () => {
    await visits.restart({ VISITS_DATABASE_POOL_SIZE: '2' });

    expect(await moreThanConnections()).toEqual(Array(8).fill(202));
  });

  it('waits for none either if the keys of a new system could be reached only after its start', async () => {
    await visits.database.sql.query('DELETE FROM keys_database');
    await visits.keys!.sql.query('ALTER TABLE keys_identity RENAME TO hidden');
    await visits.restart({ VISITS_DATABASE_POOL_SIZE: '2' });
    await visits.keys!.sql.query('ALTER TABLE hidden RENAME TO keys_identity');

    expect(await moreThanConnections()).toEqual(Array(8).fill(202));
  });
});
