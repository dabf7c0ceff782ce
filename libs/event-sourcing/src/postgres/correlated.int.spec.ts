import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { postgresEventStore } from './postgres-event-store.ts';
import { READ_CORRELATED } from './events.sql.ts';

describe('the events of a correlation', () => {
  const store = postgresEventStore();
  let database: TestDatabase;
  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const append = (correlationId: string, count: number, stream = newStream()) =>
    database.sql.transaction((transaction) =>
      store.append(
        transaction,
        [{ stream, expected: 'any', events: Array.from({ length: count }, () => ({ type: 'Counted' })) }],
        { ...appendOptions(), metadata: { correlationId, causationId: randomUUID() } },
      ),
    );

  it('E28 are found in all streams, in the order in which they were recorded', async () => {
    const correlationId = randomUUID();
    const first = await append(correlationId, 2);
    await append(randomUUID(), 3);
    const second = await append(correlationId, 1);
    await append(randomUUID(), 1, first[0]!.stream);

    expect(await store.readCorrelated(database.sql, correlationId, { limit: 10 })).toEqual([
      ...first,
      ...second,
    ]);
    expect(await store.readCorrelated(database.sql, correlationId, { limit: 2 })).toEqual(first);
  });

  it('are found by an index in a long table', async () => {
    const correlationId = randomUUID();
    const early = await append(correlationId, 1);
    for (let batch = 0; batch < 4; batch++) await append(randomUUID(), 9_000);
    const late = await append(correlationId, 1);
    await database.sql.query(`SELECT brin_summarize_new_values('event_correlation')`);
    await database.sql.query('ANALYZE event');

    const { rows } = await database.sql.query(
      `EXPLAIN ${READ_CORRELATED.replace('$1', `'${correlationId}'`).replace('$2', '100')}`,
    );
    expect(JSON.stringify(rows)).toContain('Bitmap Index Scan on event_correlation');
    expect(await store.readCorrelated(database.sql, correlationId, { limit: 100 })).toEqual([
      ...early,
      ...late,
    ]);
  });
});
