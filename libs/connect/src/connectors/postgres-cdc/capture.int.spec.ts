import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@millrace/streaming-core/runtime';
import { CaptureWorld } from './capture.fixture.ts';

const accounts = 'CREATE TABLE accounts (id integer PRIMARY KEY, name text NOT NULL, email text, notes text)';
/**
 * Too long for its row, so PostgreSQL stores the text elsewhere and does not send it again if it has not
 * changed.
 */
const longText = `(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 400) AS n)`;

describe('change data capture', () => {
  let world: CaptureWorld;
  afterEach(() => world.close(), 60_000);

  const topic = 'shop.public.accounts';
  const row = (id: number, name: string, email: string | null, notes: string | null = null) => ({
    id,
    name,
    email,
    notes,
  });

  it('U01 G25 captures inserts, updates with both rows and deletes with a tombstone, but no rollback', async () => {
    world = await CaptureWorld.open(accounts, 'ALTER TABLE accounts REPLICA IDENTITY FULL');
    const run = await world.run();
    await run.streaming();
    const old = row(123, 'John', 'john@old.com');
    const changed = row(123, 'John', 'john@new.com');

    await world.sql(`INSERT INTO accounts VALUES (123, 'John', 'john@old.com')`);
    await world.sql(`UPDATE accounts SET email = 'john@new.com' WHERE id = 123`);
    await world.sql(`BEGIN; INSERT INTO accounts VALUES (7, 'nobody'); ROLLBACK`);
    await world.sql(`DELETE FROM accounts WHERE id = 123`);
    await world.sql(`INSERT INTO accounts VALUES (8, 'Ada')`);

    expect(await run.until(5)).toEqual([
      { topic, key: { id: 123 }, op: 'c', before: null, after: old },
      { topic, key: { id: 123 }, op: 'u', before: old, after: changed },
      { topic, key: { id: 123 }, op: 'd', before: changed, after: null },
      { topic, key: { id: 123 } },
      { topic, key: { id: 8 }, op: 'c', before: null, after: row(8, 'Ada', null) },
    ]);
    const { value } = run.records[1]!;
    const source = (value.value as { source: Record<string, unknown> }).source;
    expect(source).toMatchObject({
      db: world.database.name,
      schema: 'public',
      table: 'accounts',
      name: 'shop',
    });
    expect(Math.abs(Number(source['ts_ms']) - Date.now())).toBeLessThan(60_000);
    expect(value.schema).toMatchObject({ name: `${topic}.Envelope` });
    expect(value.schema).toBe(run.records[4]!.value.schema);
  }, 90_000);

  it('reads the rows that exist first, and marks the first and the last of them', async () => {
    world = await CaptureWorld.open(
      accounts,
      `INSERT INTO accounts SELECT n, 'name ' || n FROM generate_series(1, 2500) AS n`,
      'CREATE TABLE empty (id integer PRIMARY KEY)',
      'CREATE TABLE other (id integer PRIMARY KEY)',
      'INSERT INTO other VALUES (1), (2)',
    );
    const run = await world.run();
    await run.streaming();
    await world.sql(`INSERT INTO accounts VALUES (5000, 'later')`);

    const captured = await run.until(2503);

    expect(captured).toHaveLength(2503);
    expect(captured[0]).toMatchObject({ key: { id: 1 }, op: 'r', snapshot: 'first' });
    expect(captured[1]).toMatchObject({ op: 'r', snapshot: 'true' });
    expect(captured[2499]).toMatchObject({ key: { id: 2500 }, snapshot: 'last_in_data_collection' });
    expect(captured[2500]).toMatchObject({
      topic: 'shop.public.other',
      snapshot: 'first_in_data_collection',
    });
    expect(captured[2501]).toMatchObject({ key: { id: 2 }, snapshot: 'last' });
    expect(captured[2502]).toMatchObject({ key: { id: 5000 }, op: 'c' });
  }, 90_000);

  it('logs every ten seconds how many rows of a large table it has read, with the estimate of all', async () => {
    world = await CaptureWorld.open(
      accounts,
      `INSERT INTO accounts SELECT n, 'name ' || n FROM generate_series(1, 2500) AS n`,
      'CREATE TABLE parted (id integer PRIMARY KEY) PARTITION BY RANGE (id)',
      'CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (1) TO (20000)',
      'CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (20000) TO (30000)',
      'INSERT INTO parted SELECT generate_series(1, 22000)',
      'ANALYZE',
    );
    const table = 'public.accounts';
    const progress = async (secondsPerLook: number) => {
      let lookedMs = 0;
      const clock = { ...systemClock, monotonic: () => (lookedMs += secondsPerLook * 1_000) };
      const run = await world.run({ 'snapshot.mode': 'initial_only' }, {}, clock);
      await run.until(24_500);
      return run.logged.filter(({ facts }) => 'rows' in facts);
    };
    const whole = { message: 'has read all rows of a table', facts: { table, rows: 2_500 } };

    expect(await progress(0)).toEqual([
      whole,
      { message: whole.message, facts: { table: 'public.parted', rows: 22_000 } },
    ]);
    expect(await progress(10)).toEqual([
      { message: 'reads the rows of a table', facts: { table, rows: 1_000, estimatedRows: 2_500 } },
      whole,
      {
        message: 'reads the rows of a table',
        facts: { table: 'public.parted', rows: 10_000, estimatedRows: 22_000 },
      },
      {
        message: 'reads the rows of a table',
        facts: { table: 'public.parted', rows: 20_000, estimatedRows: 22_000 },
      },
      { message: whole.message, facts: { table: 'public.parted', rows: 22_000 } },
    ]);
  }, 90_000);

  it('says that a large value was not sent, and takes it from the old row if there is one', async () => {
    world = await CaptureWorld.open(
      accounts,
      'CREATE TABLE full_accounts (LIKE accounts INCLUDING ALL)',
      'ALTER TABLE full_accounts REPLICA IDENTITY FULL',
    );
    const run = await world.run();
    await run.streaming();
    for (const table of ['accounts', 'full_accounts'])
      await world.sql(`INSERT INTO ${table} VALUES (1, 'Ada', 'a', ${longText})`);
    for (const table of ['accounts', 'full_accounts']) await world.sql(`UPDATE ${table} SET email = 'b'`);

    const captured = await run.until(4);

    const notes = (captured[0]!.after as { notes: string }).notes;
    expect(notes).toHaveLength(12_800);
    expect(captured[2]).toMatchObject({ before: null, after: { notes: '__debezium_unavailable_value' } });
    expect(captured[3]).toMatchObject({ before: { email: 'a', notes }, after: { email: 'b', notes } });
  }, 90_000);

  it('turns a changed key into a delete, a tombstone and a create', async () => {
    world = await CaptureWorld.open(accounts, `INSERT INTO accounts VALUES (1, 'Ada', 'a')`);
    const run = await world.run();
    await run.streaming();

    await world.sql('UPDATE accounts SET id = 2');

    expect((await run.until(4)).slice(1)).toEqual([
      {
        topic,
        key: { id: 1 },
        op: 'd',
        before: { id: 1, name: '', email: null, notes: null },
        after: null,
        headers: { '__debezium.newkey': { id: 2 } },
      },
      { topic, key: { id: 1 } },
      {
        topic,
        key: { id: 2 },
        op: 'c',
        before: null,
        after: row(2, 'Ada', 'a'),
        headers: { '__debezium.oldkey': { id: 1 } },
      },
    ]);
  }, 90_000);

  it('follows changes of columns, and captures truncates and messages if the settings ask for them', async () => {
    world = await CaptureWorld.open(accounts);
    const run = await world.run({ 'skipped.operations': 'none' });
    await run.streaming();

    await world.sql(`INSERT INTO accounts VALUES (1, 'Ada')`);
    await world.sql('ALTER TABLE accounts ADD COLUMN level integer NOT NULL DEFAULT 5');
    await world.sql(`INSERT INTO accounts (id, name) VALUES (2, 'Bob')`);
    await world.sql('ALTER TABLE accounts DROP COLUMN notes, DROP COLUMN email');
    await world.sql(`INSERT INTO accounts (id, name, level) VALUES (3, 'Cleo', 6)`);
    await world.sql('TRUNCATE accounts');
    await world.sql(`SELECT pg_logical_emit_message(true, 'note', 'hello')`);

    const captured = await run.until(5);
    expect(captured.map(({ after }) => after)).toEqual([
      row(1, 'Ada', null),
      { ...row(2, 'Bob', null), level: 5 },
      { id: 3, name: 'Cleo', level: 6 },
      null,
      undefined,
    ]);
    expect(captured[3]).toMatchObject({ op: 't', key: null });
    expect(captured[4]).toMatchObject({ topic: 'shop.message', op: 'm', key: { prefix: 'note' } });
  }, 90_000);

  it('leaves out columns, tables and operations that the settings exclude, and names schemas as Avro allows', async () => {
    world = await CaptureWorld.open(
      accounts,
      'ALTER TABLE accounts REPLICA IDENTITY FULL',
      'CREATE TABLE secrets (id integer PRIMARY KEY)',
    );
    const run = await world.run({
      'table.exclude.list': 'public.secrets',
      'column.exclude.list': 'public.accounts.(notes|email)',
      'skipped.operations': 'u',
      'tombstones.on.delete': 'false',
      'message.key.columns': 'public.accounts:id,name',
      'schema.name.adjustment.mode': 'avro',
      'topic.prefix': '7-shop',
    });
    await run.streaming();

    await world.sql('INSERT INTO secrets VALUES (1)');
    await world.sql(`INSERT INTO accounts VALUES (1, 'Ada', 'a', 'b')`);
    await world.sql(`UPDATE accounts SET notes = 'c'`);
    await world.sql('DELETE FROM accounts');
    await world.sql(`INSERT INTO accounts VALUES (2, 'Bob')`);

    const prefixed = { topic: '7-shop.public.accounts' };
    expect(await run.until(3)).toEqual([
      { ...prefixed, key: { id: 1, name: 'Ada' }, op: 'c', before: null, after: { id: 1, name: 'Ada' } },
      { ...prefixed, key: { id: 1, name: 'Ada' }, op: 'd', before: { id: 1, name: 'Ada' }, after: null },
      { ...prefixed, key: { id: 2, name: 'Bob' }, op: 'c', before: null, after: { id: 2, name: 'Bob' } },
    ]);
    const { key, value } = run.records[0]!;
    expect([key.schema, value.schema]).toMatchObject([
      { name: '__shop.public.accounts.Key' },
      { name: '__shop.public.accounts.Envelope' },
    ]);
    const published = await world.sql(
      `SELECT tablename FROM pg_publication_tables WHERE pubname = '${world.slot}'`,
    );
    expect(published).toEqual([{ tablename: 'accounts' }]);
  }, 90_000);

  it('ends after the snapshot, or begins without one, as the mode says', async () => {
    world = await CaptureWorld.open(accounts, `INSERT INTO accounts VALUES (1, 'Ada')`);
    const stored = {};
    const once = await world.run({ 'snapshot.mode': 'initial_only' }, stored);
    expect(await once.until(1)).toMatchObject([{ op: 'r', snapshot: 'last' }]);
    expect(
      await world.sql('SELECT slot_name FROM pg_replication_slots WHERE database = current_database()'),
    ).toEqual([]);
    await once.stop();

    const changesOnly = await world.run({ 'snapshot.mode': 'no_data' });
    await changesOnly.streaming();
    await world.sql(`INSERT INTO accounts VALUES (2, 'Bob')`);

    expect(await changesOnly.until(1)).toMatchObject([{ op: 'c', key: { id: 2 } }]);
  }, 90_000);
});
