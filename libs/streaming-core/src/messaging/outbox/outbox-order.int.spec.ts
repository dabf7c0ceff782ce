import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createTestDatabase,
  gives,
  playSchedule,
  type TestDatabase,
  type Work,
} from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import {
  createPrefixReader,
  migrate,
  streamingCoreMigrations,
  type PrefixReader,
} from '../../postgres/index.ts';
import { writes } from './notes.fixture.ts';
import type { StoredOutboxRow } from './outbox-row.ts';
import { outboxAfter } from './relay.sql.ts';

/** Plays schedules of writers to the real outbox and of the relay's reader, step by step. */
describe('P04 an outbox that is read while it is written', () => {
  let database: TestDatabase;
  let reader: PrefixReader<StoredOutboxRow>;
  let cursor = 0n;
  let seen: string[] = [];

  const doorKey = 4711;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    // Stops the writer of a slow row after its defaults are evaluated and before it is written. A
    // client could not stop it there.
    await database.sql.query(`
      CREATE FUNCTION wait_at_the_door() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock_shared(${doorKey}); RETURN NEW; END $$`);
    await database.sql.query(`
      CREATE TRIGGER door BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.key = 'slow') EXECUTE FUNCTION wait_at_the_door()`);
  });
  beforeEach(async () => {
    seen = [];
    reader = createPrefixReader<StoredOutboxRow>({ database: database.sql, statement: outboxAfter });
    // A sequence logs its values 32 at a time, and drawing the first of them assigns a transaction
    // id. The row `first` draws it here.
    await database.sql.query(
      "SELECT setval('outbox_position_sequence', nextval('outbox_position_sequence'))",
    );
    await writes('first')(database.sql, () => Promise.resolve());
    const { rows } = await database.sql.query<{ position: string }>(
      'SELECT max(position) AS position FROM outbox',
    );
    cursor = BigInt(rows[0]?.position ?? 0);
  });
  afterAll(() => database.drop());

  async function poll(): Promise<readonly string[]> {
    const rows = await reader.read(cursor, 100, 1_000_000);
    cursor = BigInt(rows.at(-1)?.position ?? cursor);
    seen.push(...rows.map(({ key }) => String(key)));
    return rows.map(({ key }) => String(key));
  }
  const reads: Work = poll;
  /**
   * Polls until rows arrive. A PostgreSQL worker may delay for a moment the proof that a writer has
   * ended.
   */
  const readsUntilProven: Work = () =>
    within(20_000)(async () => (await poll()).length > 0, 'the proof that the writer has ended');
  const readsAgainAndAgain: Work = async () => {
    for (let polls = 0; polls < 5; polls += 1) await poll();
    return [...seen];
  };

  it('hides a row above an open one, and shows both in order after the commit', async () => {
    await playSchedule(database, [
      ['low', 'begins'],
      ['low', 'writes', writes('low')],
      ['high', 'writes', writes('high')],
      ['reader', 'reads', readsAgainAndAgain, gives([])],
      ['low', 'writes more', writes('low again')],
      ['low', 'commits'],
      ['reader', 'reads', reads, gives(['low', 'high', 'low again'])],
    ]);
  });

  it('lets the reader pass the hole of a writer that rolled back', async () => {
    await playSchedule(database, [
      ['low', 'begins'],
      ['low', 'writes', writes('low')],
      ['high', 'writes', writes('high')],
      ['reader', 'reads', reads, gives([])],
      ['low', 'rolls back'],
      ['reader', 'reads', readsUntilProven],
    ]);
    expect(seen).toEqual(['high']);
  });

  it('makes the reader wait for a writer that has drawn its position but not yet written its row', async () => {
    await playSchedule(database, [
      ['door', 'begins'],
      ['door', 'is shut', (sql) => sql.query(`SELECT pg_advisory_xact_lock(${doorKey})`)],
      ['low', 'writes', writes('slow'), 'waits'],
      ['high', 'writes', writes('high')],
      ['reader', 'reads', readsAgainAndAgain, gives([])],
      ['door', 'commits'],
      ['low', 'goes on'],
      ['reader', 'reads', reads, gives(['slow', 'high'])],
    ]);
  });

  it('makes the reader wait only for writers that began before the fence, even if new holes open above', async () => {
    await playSchedule(database, [
      ['low', 'begins'],
      ['low', 'writes', writes('low')],
      ['high', 'writes', writes('high')],
      ['reader', 'reads', reads, gives([])],
      ['later', 'begins'],
      ['later', 'writes', writes('later')],
      ['high', 'writes again', writes('highest')],
      ['low', 'commits'],
      ['reader', 'reads', readsAgainAndAgain, gives(['low', 'high'])],
      ['later', 'commits'],
      ['reader', 'reads', readsAgainAndAgain, gives(['low', 'high', 'later', 'highest'])],
    ]);
  });
});
