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
import type { StoredOutboxRow } from './relay-record.ts';
import { outboxAfter } from './relay.sql.ts';

/** Writers of the real outbox, and the reader that the relay has, step by step. */
describe('the outbox, read while it is written', () => {
  let database: TestDatabase;
  let reader: PrefixReader<StoredOutboxRow>;
  let cursor = 0n;
  let seen: string[] = [];

  const doorKey = 4711;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    // Stops the writer of a slow row where no client can: its defaults are evaluated, the row is not yet written.
    await database.sql.query(`
      CREATE FUNCTION wait_at_the_door() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_advisory_xact_lock_shared(${doorKey}); RETURN NEW; END $$`);
    await database.sql.query(`
      CREATE TRIGGER door BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.key = 'slow') EXECUTE FUNCTION wait_at_the_door()`);
  });
  beforeEach(async () => {
    seen = [];
    reader = createPrefixReader<StoredOutboxRow>({ database: database.sql, statement: outboxAfter });
    // A sequence logs its values 32 at a time, and whoever draws the first of them gets a transaction id by that: here the row `first`.
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
  /** A worker of PostgreSQL's own may hold up the proof that somebody is gone for a moment; that it is not given is known at once. */
  const readsUntilProven: Work = () =>
    within(10_000)(async () => (await poll()).length > 0, 'the proof that the hole is dead');
  const readsAgainAndAgain: Work = async () => {
    for (let polls = 0; polls < 5; polls += 1) await poll();
    return [...seen];
  };

  it('shows nothing of a row above an open one, and both in order after the commit', async () => {
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

  it('passes the hole of a writer who rolled back', async () => {
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

  it('does not take a writer for dead who has drawn his position and written nothing yet', async () => {
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

  it('waits for a writer who was there before, and for no other, when holes open above', async () => {
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
