import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { personal, topic } from '@millrace/streaming-core/contract';
import { createPersonalData, personalDataMigrations } from '@millrace/personal-data';
import { sealFields, openFields, sealedFieldsOf, type PersonalData } from '@millrace/streaming-core/personal';
import { migrate } from '@millrace/streaming-core/postgres';
import { systemClock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { z } from 'zod';
import { toDeadLetter, type DeadLetter } from './dead-letter.ts';
import { sealedLetters } from './sealed-letters.ts';

const parcels = topic(
  'parcels',
  {
    key: 'parcelId',
    partitions: 1,
    retention: 'unlimited',
    personal: { holder: 'carrier', subject: 'personId' },
  },
  {
    Send: z.strictObject({
      parcelId: z.string(),
      personId: z.string().optional(),
      name: personal(z.string()),
      street: personal(z.string()).optional(),
    }),
  },
);
const fields = parcels.Send.personal!;
const personalOf = () => fields;
const messageId = '019c0000-0000-7000-8000-000000000001';
const carriers = (subject: string) => ({ holder: 'carrier', subject });

describe('dead letters with sealed personal data', () => {
  let database: TestDatabase;
  let personalData: ReturnType<typeof createPersonalData>;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'personal-data', folder: personalDataMigrations }]);
    personalData = createPersonalData({ database: database.sql, clock: systemClock, cacheMs: 0 });
  });
  afterAll(() => database.drop());

  const letterOf = (value: object): DeadLetter =>
    toDeadLetter(
      {
        topic: 'parcels.dlq',
        partition: 0,
        offset: 0n,
        timestampMs: 0,
        key: Buffer.from('p'),
        value: Buffer.from(JSON.stringify(value)),
        headers: new Map([
          ['ce_id', messageId],
          ['ce_type', 'Send'],
          ['dlq_topic', 'parcels'],
        ]),
        headerList: [],
      },
      'topic-id',
    );

  const send = async (personId: string) => {
    const message = { type: 'Send', parcelId: 'p', personId, name: 'Ada Lovelace', street: 'Mill Lane 1' };
    const key = carriers(personId);
    return sealFields(await personalData.keysToSeal([key]), key, fields, messageId, message);
  };
  const opened = async (data: PersonalData, json: object) => {
    const sealed = sealedFieldsOf(fields, json)!;
    const keys = await data.keysToOpen([...sealed.values()].map(({ subject }) => carriers(subject)));
    return openFields(keys, 'carrier', messageId, json, sealed);
  };

  it('are refused if the data was erased or its key was lost, and others are not', async () => {
    const kept = letterOf(await send('kept'));
    const gone = letterOf(await send('gone'));
    const lost = letterOf(await send('lost'));
    const plain = letterOf({ type: 'Send', parcelId: 'p', name: 'of an earlier release' });
    await personalData.erase(carriers('gone'));
    await database.sql.query("DELETE FROM subject_key WHERE subject = 'lost'");

    const refusals = await sealedLetters({ personalOf, personalData }).refusals([kept, gone, lost, plain]);

    expect([...refusals]).toEqual([
      [gone, 'erased'],
      [lost, 'key_missing'],
    ]);
  });

  it('keep their sealed fields in an edit, and what replaces one of them is sealed', async () => {
    const sent = await send('ada');
    const edit = { ...sent, street: 'Mill Lane 2' };

    const sealed = await sealedLetters({ personalOf, personalData }).seal(letterOf(sent), edit);

    expect(sealed['name']).toEqual(sent['name']);
    expect(JSON.stringify(sealed)).not.toContain('Mill Lane');
    expect(await opened(personalData, sealed)).toMatchObject({ name: 'Ada Lovelace', street: 'Mill Lane 2' });
  });

  it('are sealed in an edit where a value only looks as if it were sealed', async () => {
    const edit = { type: 'Send', parcelId: 'p', personId: 'ada', name: { sealed: 1, data: 'Ada Lovelace' } };

    const sealed = await sealedLetters({ personalOf, personalData }).seal(letterOf(await send('ada')), edit);

    expect(JSON.stringify(sealed)).not.toContain('Lovelace');
    expect(await opened(personalData, sealed)).toMatchObject({ name: edit.name });
  });

  it('keep their subject in an edit that leaves all of their sealed fields', async () => {
    const sent = await send('ada');
    const edit = { ...sent, parcelId: 'q' };

    expect(await sealedLetters({ personalOf, personalData }).seal(letterOf(sent), edit)).toEqual(edit);
  });

  it('take the subject from their sealed fields if the edit leaves it out', async () => {
    const sent = await send('eve');

    const sealed = await sealedLetters({ personalOf, personalData }).seal(letterOf(sent), {
      type: 'Send',
      parcelId: 'p',
      name: 'Eve',
    });

    expect(sealed).toMatchObject({ personId: 'eve', name: { sealed: 1, subject: 'eve' } });
  });

  it('of releases without subjects are edited in plain text, as their consumers understand it', async () => {
    const old = { type: 'Send', parcelId: 'p', name: 'Ada' };
    const edit = { ...old, name: 'Augusta' };

    expect(await sealedLetters({ personalOf, personalData }).seal(letterOf(old), edit)).toBe(edit);
  });
});
