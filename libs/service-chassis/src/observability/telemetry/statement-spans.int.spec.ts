import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { createDataSource } from '../../database/data-source.ts';
import { typeOrmDatabase } from '../../database/typeorm-database.ts';
import { recordSpans } from './recorded-spans.fixture.ts';

let database: TestDatabase;
let recorded: ReturnType<typeof recordSpans>;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql.query('CREATE TABLE customer (id text, email text)');
  recorded = recordSpans();
});
afterEach(() => void recorded.take());
afterAll(async () => {
  recorded.stop();
  await database.drop();
});

/** Runs the work inside a new span and returns the spans of its statements. */
async function inSpan(work: () => Promise<unknown>) {
  const parent = trace.getTracer('test').startSpan('parent');
  await context.with(trace.setSpan(ROOT_CONTEXT, parent), work);
  return recorded
    .take()
    .map((span) => ({ ...span, ofParent: span.parentSpanId === parent.spanContext().spanId }));
}

describe('a statement', () => {
  it('has a span that follows the conventions, named after its operation, without its parameters', async () => {
    const statement = `INSERT INTO customer (id, email)
      SELECT * FROM unnest($1::text[], $2::text[])`;
    const spans = await inSpan(() =>
      database.sql.query(statement, [
        ['a', 'b'],
        ['ada@example.org', null],
      ]),
    );

    expect(spans).toMatchObject([
      {
        name: 'INSERT customer',
        kind: 'CLIENT',
        ofParent: true,
        failed: false,
        attributes: {
          'db.system.name': 'postgresql',
          'db.namespace': new URL(database.url).pathname.slice(1),
          'db.operation.name': 'INSERT',
          'db.query.summary': 'INSERT customer',
          'db.query.text': 'INSERT INTO customer (id, email) SELECT * FROM unnest($1::text[], $2::text[])',
          'db.operation.batch.size': 2,
          'server.port': Number(new URL(database.url).port),
        },
      },
    ]);
    expect(JSON.stringify(spans)).not.toContain('ada@');
  });

  it('has a span with the SQLSTATE but not the message of its error if it fails', async () => {
    const spans = await inSpan(() =>
      database.sql.query('SELECT $1::integer', ['ada@example.org']).catch(() => undefined),
    );

    expect(spans).toMatchObject([
      {
        name: 'SELECT',
        failed: true,
        attributes: { 'error.type': '22P02', 'db.response.status_code': '22P02' },
      },
    ]);
    expect(JSON.stringify(spans)).not.toContain('ada@');
  });

  it('has no span outside of another one, so that polling loops create none', async () => {
    await database.sql.query('SELECT 1');

    expect(recorded.take()).toEqual([]);
  });

  it('has a span within a transaction of the service database, as do BEGIN and COMMIT', async () => {
    const source = createDataSource({ url: database.url, entities: [], applicationName: 'test' });
    await source.initialize();
    const spans = await inSpan(() =>
      typeOrmDatabase(source).transaction((transaction) => transaction.query('SELECT id FROM customer')),
    );
    await source.destroy();

    expect(spans.filter(({ ofParent }) => ofParent).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['BEGIN', 'SELECT customer', 'COMMIT']),
    );
  });
});
