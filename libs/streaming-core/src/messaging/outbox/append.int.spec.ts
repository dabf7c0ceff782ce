import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fakePersonalData } from '@millrace/testing/personal-data';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { migrate, streamingCoreMigrations, pgDatabase } from '../../postgres/index.ts';
import { openFields, sealedFieldsOf } from '../../personal/index.ts';
import { appendToOutbox, sealingOutbox, type RowTaker, type OutboxMessage } from './append.ts';
import type { StoredOutboxRow } from './outbox-row.ts';

const sample = (topic: string, key: string, fields: Record<string, unknown> = {}): OutboxMessage => ({
  topic,
  key,
  message: { type: 'Noted', ...fields },
  attributes: {
    id: v7(),
    source: '/millrace/test',
    type: 'Noted',
    time: '2026-11-20T09:00:00.000Z',
    subject: key,
    dataSchema: `/schemas/${topic}/Noted/1`,
    correlationId: 'story',
    causationId: 'cause',
  },
});

describe('appending to the outbox', () => {
  let database: TestDatabase;
  const payloads = async (topic: string) =>
    (
      await database.sql.query<{ payload: string }>(
        'SELECT payload FROM outbox WHERE topic = $1 ORDER BY position',
        [topic],
      )
    ).rows.map(({ payload }) => JSON.parse(payload) as { number: number });

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  it('keeps the order of the array in the positions', async () => {
    const messages = Array.from({ length: 1000 }, (_, number) =>
      sample('ordered', `k${number % 7}`, { number }),
    );

    await database.sql.transaction((transaction) => appendToOutbox(transaction, messages));

    expect((await payloads('ordered')).map(({ number }) => number)).toEqual(
      messages.map((_, number) => number),
    );
  });

  it('writes every attribute to its column and nothing to the default partition', async () => {
    const message = sample('columns', 'key-1', { text: 'with "quotes", \u0000 and ü' });

    await database.sql.transaction((transaction) => appendToOutbox(transaction, [message]));

    const { rows } = await database.sql.query(
      "SELECT *, tableoid::regclass::text AS part FROM outbox WHERE topic = 'columns'",
    );
    expect(rows[0]).toMatchObject({
      id: message.attributes.id,
      key: 'key-1',
      type: 'Noted',
      source: '/millrace/test',
      subject: 'key-1',
      time: '2026-11-20T09:00:00.000Z',
      dataschema: '/schemas/columns/Noted/1',
      correlationid: 'story',
      causationid: 'cause',
      traceparent: null,
      payload: JSON.stringify(message.message),
      headers: {},
    });
    expect(rows[0]?.part).not.toBe('outbox_default');
  });

  it('keeps the extension attributes as headers', async () => {
    const plain = sample('extensions', 'key-1');
    const message = { ...plain, attributes: { ...plain.attributes, saga: 'trip', streamVersion: 3 } };

    await database.sql.transaction((transaction) => appendToOutbox(transaction, [message]));

    const { rows } = await database.sql.query("SELECT headers FROM outbox WHERE topic = 'extensions'");
    expect(rows).toEqual([{ headers: { ce_saga: 'trip', ce_streamversion: '3' } }]);
  });

  it('M01 leaves no row behind when its transaction is rolled back', async () => {
    const failure = new Error('changed my mind');

    await expect(
      database.sql.transaction(async (transaction) => {
        await appendToOutbox(transaction, [sample('rolled-back', 'k')]);
        throw failure;
      }),
    ).rejects.toBe(failure);

    expect(await payloads('rolled-back')).toEqual([]);
  });

  it('rejects a message over 900,000 bytes in UTF-8, and writes no message of that call', async () => {
    const messages = [sample('large', 'k'), sample('large', 'k', { text: 'ü'.repeat(450_000) })];

    await expect(
      database.sql.transaction((transaction) => appendToOutbox(transaction, messages)),
    ).rejects.toMatchObject({
      name: 'OutboxError',
      code: 'message_too_large',
    });

    expect(await payloads('large')).toEqual([]);
  });

  it('rejects a message that could not be published as a CloudEvent', async () => {
    const message = sample('invalid', 'k');

    await expect(
      database.sql.transaction((transaction) =>
        appendToOutbox(transaction, [{ ...message, attributes: { ...message.attributes, id: 'no-uuid' } }]),
      ),
    ).rejects.toMatchObject({ code: 'message_invalid' });
    await expect(
      database.sql.transaction((transaction) => appendToOutbox(transaction, [{ ...message, key: '' }])),
    ).rejects.toMatchObject({
      code: 'message_invalid',
    });
  });

  it('takes the transaction id before every position, while nextval alone does so only once in 32 calls', async () => {
    for (let count = 0; count < 40; count += 1)
      await database.sql.transaction(async (transaction) => {
        await transaction.query('SELECT outbox_position()');
        const { rows } = await transaction.query<{ xid: string | null }>(
          'SELECT pg_current_xact_id_if_assigned()::text AS xid',
        );
        expect(rows[0]?.xid).not.toBeNull();
      });
  });

  describe('a message with personal data', () => {
    const personal = { holder: 'carrier', subject: 'personId', fields: ['name', 'phone'] };
    const parcel = (topic: string, fields: Record<string, unknown>): OutboxMessage => ({
      ...sample(topic, 'parcel-1', { personId: 'ada', ...fields }),
      personal,
    });

    it('is written with its personal fields sealed for its reader, and with the others as they are', async () => {
      const personalData = fakePersonalData();
      const message = parcel('sealed', { name: 'Ada Lovelace', weight: 7 });

      await database.sql.transaction((transaction) => sealingOutbox(personalData)(transaction, [message]));

      const [json] = await payloads('sealed');
      const sealed = sealedFieldsOf(personal, json)!;
      const keys = await personalData.keysToOpen([{ holder: 'carrier', subject: 'ada' }]);
      expect(json).toEqual({
        type: 'Noted',
        personId: 'ada',
        weight: 7,
        name: { sealed: 1, subject: 'ada', data: expect.any(String) },
      });
      expect(openFields(keys, 'carrier', message.attributes.id, json!, sealed)).toMatchObject({
        name: 'Ada Lovelace',
      });
    });

    it('is refused by an outbox without keys, and without the person whose data it has', async () => {
      const refused = { code: 'message_invalid', message: expect.stringContaining('no keys to seal it') };
      const nobodys = parcel('refused', { name: 'Ada', personId: undefined });
      const seal = sealingOutbox(fakePersonalData());

      await expect(
        database.sql.transaction((transaction) =>
          appendToOutbox(transaction, [parcel('refused', { name: 'Ada' })]),
        ),
      ).rejects.toMatchObject(refused);
      await expect(database.sql.transaction((transaction) => seal(transaction, [nobodys]))).rejects.toThrow(
        /its field personId does not say whose/,
      );
      expect(await payloads('refused')).toEqual([]);
    });

    it('needs no key if its personal fields are absent', async () => {
      const personalData = fakePersonalData();

      await database.sql.transaction((transaction) =>
        appendToOutbox(transaction, [parcel('absent', { weight: 1 })]),
      );
      await database.sql.transaction((transaction) =>
        sealingOutbox(personalData)(transaction, [parcel('absent', { weight: 2 })]),
      );

      expect((await payloads('absent')).length).toBe(2);
      expect(personalData.calls).toEqual([]);
    });

    it('costs one call for the keys of a whole unit of work, and keeps its place among the others', async () => {
      const personalData = fakePersonalData();
      const append = sealingOutbox(personalData);
      const numbered = (number: number, personId: string) =>
        number % 2 === 0
          ? parcel('unit', { number, name: 'x', personId })
          : { ...sample('unit', 'parcel-1', { number }) };

      await database.sql.transaction((transaction) =>
        transaction.unitOfWork(async () => {
          for (let number = 0; number < 9; number += 1)
            await append(transaction, [numbered(number, number < 5 ? 'ada' : 'eve')]);
        }),
      );

      expect(personalData.calls).toEqual([['carrier/ada', 'carrier/eve']]);
      expect((await payloads('unit')).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    });

    it('reaches the relay of its own process as it is stored', async () => {
      const taken: StoredOutboxRow[] = [];
      const relay: RowTaker = { inCharge: true, take: (rows) => void taken.push(...rows) };
      const own = pgDatabase(database.pool, () => relay);

      await own.transaction((transaction) =>
        sealingOutbox(fakePersonalData())(transaction, [parcel('taken', { name: 'Ada Lovelace' })]),
      );

      expect(taken.map(({ payload }) => JSON.parse(payload!) as unknown)).toEqual(await payloads('taken'));
      expect(taken[0]).not.toHaveProperty('sealing');
    });

    it('is refused if it is too large once it is sealed', async () => {
      const name = 'x'.repeat(800_000);

      await expect(
        database.sql.transaction((transaction) =>
          sealingOutbox(fakePersonalData())(transaction, [parcel('large', { name })]),
        ),
      ).rejects.toMatchObject({ code: 'message_too_large' });
    });

    it('is not written while the keys are unreachable', async () => {
      const personalData = fakePersonalData();
      personalData.isDown = true;

      await expect(
        database.sql.transaction((transaction) =>
          sealingOutbox(personalData)(transaction, [parcel('down', { name: 'Ada' })]),
        ),
      ).rejects.toMatchObject({ code: 'keys_unavailable' });
      expect(await payloads('down')).toEqual([]);
    });
  });
});
