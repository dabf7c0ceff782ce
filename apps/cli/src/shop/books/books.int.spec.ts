import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { deadLetters } from './books.sql.ts';
import { query } from './service-databases.ts';

describe('the dead letters in the books', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query(`
      CREATE TABLE outbox (topic text, key text, type text, headers jsonb);
      CREATE TABLE dead_letter_decision (topic text, consumer_group text, origin_partition int, origin_offset bigint);`);
  });
  afterAll(() => database.drop());

  const write = (key: string, offset: number, topic = 'orders.dlq') =>
    database.sql.query('INSERT INTO outbox VALUES ($1, $2, $3, $4)', [
      topic,
      key,
      'Reserve',
      { dlq_group: 'shelf', dlq_partition: '1', dlq_offset: String(offset), dlq_reason: 'broken' },
    ]);

  it('are those that no operator has decided about', async () => {
    await write('open', 7);
    await write('discarded', 8);
    await write('of another group', 9);
    await write('no dead letter', 10, 'orders');
    await database.sql.query(
      `INSERT INTO dead_letter_decision VALUES ('orders.dlq', 'shelf', 1, 8), ('orders.dlq', 'order', 1, 9), ('orders.dlq', NULL, NULL, NULL)`,
    );

    const found = await query(database.url, deadLetters);
    expect(found.map(({ key }) => key).sort()).toEqual(['of another group', 'open']);
  });
});
