import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { erased, type SealedValue } from '@millrace/streaming-core/personal';
import { migrate, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { silentLogger, systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { personalDataMigrations } from './migrations.ts';
import { createPersonalData, keyCacheMsByDefault, type PersonalDataOptions } from './personal-data.ts';
import { openKeysDatabase, type KeysDatabase } from './postgres/keys-database.ts';

const ada = { holder: 'order', subject: 'customer-1' };
const address = { name: 'Ada Lovelace', street: 'Mill Lane 1' };

describe('personal data', () => {
  let test: TestDatabase;
  let keys: KeysDatabase;

  beforeAll(async () => {
    test = await createTestDatabase();
    await migrate(test.sql, [{ library: 'personal-data', folder: personalDataMigrations }]);
    keys = openKeysDatabase({ url: test.url, logger: silentLogger });
  });
  beforeEach(() => test.sql.query('TRUNCATE subject, subject_key'));
  afterAll(async () => {
    await keys.close();
    await test.drop();
  });

  /** A process with a cache and a clock of its own. */
  const startProcess = (options: Pick<PersonalDataOptions, 'seals'> = {}) => {
    let nowMs = 0;
    const clock: Clock = { now: () => nowMs, monotonic: () => nowMs, after: () => () => undefined };
    return {
      personalData: createPersonalData({ database: keys.database, clock, ...options }),
      wait: (spanMs: number) => void (nowMs += spanMs),
    };
  };

  const sealedAddress = async () =>
    (await startProcess().personalData.keysToSeal([ada])).seal(ada, 'event-1', address) as SealedValue;

  it('is unreadable while it is stored, and opens in another process', async () => {
    const sealed = await sealedAddress();

    const loaded = await startProcess().personalData.keysToOpen([ada]);

    expect(JSON.stringify(sealed)).not.toContain('Ada');
    expect(sealed).toMatchObject({ sealed: 1, subject: 'customer-1' });
    expect(loaded.open('order', 'event-1', sealed)).toEqual(address);
  });

  it('opens only in the place for which it was sealed', async () => {
    const sealed = await sealedAddress();
    const loaded = await startProcess().personalData.keysToOpen([ada]);

    expect(() => loaded.open('order', 'event-2', sealed)).toThrow(
      expect.objectContaining({ code: 'unreadable' }),
    );
  });

  it('opens only with the key of its holder', async () => {
    const shipping = { ...ada, holder: 'shipping' };
    const sealed = await sealedAddress();
    const loaded = await startProcess().personalData.keysToSeal([ada, shipping]);

    expect(() => loaded.open('shipping', 'event-1', sealed)).toThrow(
      expect.objectContaining({ code: 'unreadable' }),
    );
  });

  it('is stored as it is while sealing is off, where sealed values are opened and erased ones stay erased', async () => {
    const sealed = await sealedAddress();
    const { personalData, wait } = startProcess({ seals: false });

    const loaded = await personalData.keysToSeal([ada]);
    expect(loaded.seal(ada, 'event-2', address)).toEqual(address);
    expect(loaded.open('order', 'event-1', sealed)).toEqual(address);

    await startProcess().personalData.erase(ada);
    wait(keyCacheMsByDefault);
    const afterwards = await personalData.keysToSeal([ada]);
    expect(afterwards.seal(ada, 'event-3', address)).toEqual({ sealed: 1, subject: ada.subject, data: '' });
  });

  it('is erased in every process once their cached keys are old', async () => {
    const sealed = await sealedAddress();
    const other = startProcess();
    await other.personalData.keysToOpen([ada]);

    const eraser = startProcess().personalData;
    await eraser.erase(ada);
    const before = (await other.personalData.keysToOpen([ada])).open('order', 'event-1', sealed);
    other.wait(keyCacheMsByDefault);
    const after = (await other.personalData.keysToOpen([ada])).open('order', 'event-1', sealed);

    expect((await eraser.keysToOpen([ada])).open('order', 'event-1', sealed)).toBe(erased);
    expect({ before, after }).toEqual({ before: address, after: erased });
  });

  it('of an erased subject is dropped when it is sealed, and no key is made anew', async () => {
    const { personalData } = startProcess();
    await personalData.erase(ada);
    const payment = { ...ada, holder: 'payment' };

    const loaded = await personalData.keysToSeal([ada, payment]);

    const sealed = { sealed: 1, subject: 'customer-1', data: '' };
    expect(loaded.seal(ada, 'event-1', address)).toEqual(sealed);
    expect(loaded.seal(payment, 'event-1', address)).toEqual(sealed);
    expect((await test.sql.query('SELECT FROM subject_key WHERE key IS NOT NULL')).rowCount).toBe(0);
  });

  it('asks for a backup if its key is lost, instead of calling it erased', async () => {
    const sealed = await sealedAddress();
    await test.sql.query('TRUNCATE subject_key');

    const loaded = await startProcess().personalData.keysToOpen([ada]);

    expect(() => loaded.open('order', 'event-1', sealed)).toThrow(
      expect.objectContaining({
        code: 'key_missing',
        message:
          'the key of order for customer-1 is missing, and no erasure destroyed it; ' +
          'restore the backup of the keys, or correct KEYS_DATABASE_URL',
      }),
    );
  });

  it('can still be sealed and opened while its subject is closing', async () => {
    const { personalData } = startProcess();

    const { state, closingForMs } = await personalData.close('customer-1');
    const loaded = await personalData.keysToSeal([ada]);

    expect({ state, isNew: closingForMs < 60_000 }).toEqual({ state: 'closing', isNew: true });
    expect(loaded.subjectState('customer-1')).toBe('closing');
    expect(loaded.open('order', 'e', loaded.seal(ada, 'e', address) as SealedValue)).toEqual(address);
  });

  it('says whether an erased subject ever had a key', async () => {
    const { personalData } = startProcess();
    await personalData.keysToSeal([ada]);
    const nobody = { holder: 'order', subject: 'mistyped' };
    const had = async (name: typeof ada) => (await personalData.erase(name)).hadKey;

    const first = [await had(ada), await had(nobody)];
    const second = [await had(ada), await had(nobody)];

    expect({ first, second }).toEqual({ first: [true, false], second: [true, false] });
  });

  it('erases a holder once, however often it is asked to, and says who has erased', async () => {
    const { personalData } = startProcess();
    const { closingAt } = await personalData.close('customer-1');

    const first = await personalData.erase(ada);
    const second = await personalData.erase(ada);

    expect(second).toEqual(first);
    expect(await personalData.progress('customer-1')).toMatchObject({
      state: 'erased',
      closingAt,
      holders: [{ holder: 'order', erasedAt: first.erasedAt }],
    });
    expect(await personalData.progress('customer-2')).toEqual({
      state: 'active',
      closingForMs: 0,
      holders: [],
      known: false,
    });
  });

  it('knows a subject of whom any holder has or had a key, but not one that was only erased', async () => {
    const { personalData } = startProcess();
    const known = async (subject: string) => (await personalData.progress(subject)).known;
    await personalData.keysToSeal([ada]);
    expect(await known('customer-1')).toBe(true);

    await personalData.erase(ada);
    await personalData.erase({ holder: 'order', subject: 'nobody' });

    expect(await known('customer-1')).toBe(true);
    expect(await known('nobody')).toBe(false);
  });

  it('R20 leaves a destroyed key neither in statistics nor in the file of the table', async () => {
    const { personalData } = startProcess();
    await personalData.keysToSeal([ada, { ...ada, subject: 'customer-2' }]);
    await test.sql.query('ANALYZE subject_key');
    const found = await test.sql.query<{ key: Buffer }>('SELECT key FROM subject_key WHERE subject = $1', [
      ada.subject,
    ]);
    const inFile = async () => {
      await test.sql.query('CHECKPOINT');
      const { rows } = await test.sql.query<{ at: number }>(
        `SELECT position($1 IN pg_read_binary_file(pg_relation_filepath('subject_key'))) AS at`,
        [found.rows[0]?.key],
      );
      return rows[0]?.at !== 0;
    };
    await personalData.erase(ada);
    expect(await inFile()).toBe(true);

    expect(await personalData.rewriteKeys()).toEqual({ walRemoved: true });

    expect(await inFile()).toBe(false);
    const { rowCount } = await test.sql.query(
      `SELECT FROM pg_stats WHERE tablename = 'subject_key' AND attname = 'key'`,
    );
    expect(rowCount).toBe(0);
  });

  it('can be read while the rewriting of the table waits for a long reader, and the rewriting gives up', async () => {
    const { database, maintenance } = keys;
    const { rewriteKeys, keysToOpen } = createPersonalData({ database, maintenance, clock: systemClock });
    const isWaiting = async () =>
      (await test.sql.query(`SELECT FROM pg_locks WHERE relation = 'subject_key'::regclass AND NOT granted`))
        .rowCount > 0;

    await test.sql.transaction(async (reader) => {
      await reader.query('LOCK TABLE subject_key IN ACCESS SHARE MODE');
      const rewritten = rewriteKeys();
      const refused = expect(rewritten).rejects.toMatchObject({ code: 'keys_unavailable' });
      await until(isWaiting, (waits) => waits);

      await expect(keysToOpen([ada])).resolves.toBeDefined();
      await refused;
    });
    expect(await rewriteKeys()).toEqual({ walRemoved: true });
  });

  it('is erased by a user who may not change the write-ahead log, who learns that', async () => {
    await test.sql.query(`
      DROP ROLE IF EXISTS keys_owner; CREATE ROLE keys_owner LOGIN PASSWORD 'keys';
      ALTER TABLE subject OWNER TO keys_owner; ALTER TABLE subject_key OWNER TO keys_owner`);
    const url = Object.assign(new URL(test.url), { username: 'keys_owner', password: 'keys' }).href;
    const owner = openKeysDatabase({ url, logger: silentLogger });
    const { database, maintenance } = owner;

    const rewritten = createPersonalData({ database, maintenance, clock: systemClock }).rewriteKeys();

    await expect(rewritten.finally(() => owner.close())).resolves.toEqual({ walRemoved: false });
    await test.sql.query('REASSIGN OWNED BY keys_owner TO CURRENT_USER; DROP ROLE keys_owner');
  });

  it('has one key, though many processes seal for the first time at once', async () => {
    const processes = Array.from({ length: 20 }, () => startProcess().personalData);

    const sealed = await Promise.all(
      processes.map(async (one) => (await one.keysToSeal([ada])).seal(ada, 'event-1', address)),
    );

    const loaded = await startProcess().personalData.keysToOpen([ada]);
    for (const value of sealed)
      expect(loaded.open('order', 'event-1', value as SealedValue)).toEqual(address);
  });

  it('needs two statements for a new subject, and none for one whose key the process holds', async () => {
    const statements: string[] = [];
    const database: SqlDatabase = {
      query: (text, values) => {
        statements.push(text.trim().split(' ', 1)[0]!);
        return keys.database.query(text, values);
      },
      transaction: (work) => keys.database.transaction(work),
    };
    const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };
    const { keysToSeal, keysToOpen } = createPersonalData({ database, clock });
    const others = ['payment', 'shipping'].map((holder) => ({ ...ada, holder }));

    const loaded = await keysToSeal([ada, ...others, ada]);
    await keysToOpen([ada, ...others]);

    expect(loaded.open('order', 'e', loaded.seal(ada, 'e', address) as SealedValue)).toEqual(address);
    expect(statements).toEqual(['SELECT', 'INSERT']);
  });

  it('is neither sealed nor opened while the database of the keys is unreachable', async () => {
    const gone = openKeysDatabase({ url: 'postgres://127.0.0.1:1/none', logger: silentLogger });
    const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined };
    const { keysToSeal } = createPersonalData({ database: gone.database, clock });

    await expect(keysToSeal([ada])).rejects.toMatchObject({ code: 'keys_unavailable' });
    await gone.close();
  });
});
