import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { millrace, millraceJson, type Situation } from '../cli.fixture.ts';

let database: TestDatabase;
let situation: Situation;
beforeAll(async () => {
  database = await createTestDatabase();
  situation = { environment: { GIFT_CARD_DATABASE_URL: database.url } };
  const made = await run(
    'CREATE TABLE card (id int PRIMARY KEY, note text, at timestamptz, data jsonb)',
    '--write',
  );
  expect(made).toMatchObject({ exitCode: 0, out: 'CREATE' });
  await run(
    `INSERT INTO card VALUES (1, 'two\nlines', '2026-11-22T09:00:00Z', '{"a": [1]}'), (12, NULL, NULL, NULL)`,
    '--write',
  );
});
afterAll(() => database.drop());

const run = (text: string, ...options: string[]) =>
  millrace(['sql', 'gift-card', '-c', text, ...options], situation);

describe('millrace sql', () => {
  it('prints a table', async () => {
    const { out } = await run('SELECT id, note FROM card ORDER BY id');
    expect(out.split('\n')).toEqual(['id  note', '1   two\\nlines', '12  -', '(2 rows)']);
  });

  it('prints JSON with the types of the columns', async () => {
    const text = 'SELECT *, count(*) OVER () AS all, id > 5 AS large FROM card ORDER BY id';
    const rows = await millraceJson<object[]>(['sql', 'gift-card', '-c', text], situation);
    expect(rows).toMatchObject([
      { id: 1, note: 'two\nlines', data: { a: [1] }, all: 2, large: false },
      { id: 12, note: null, at: null, data: null, all: 2, large: true },
    ]);
  });

  it('Z12 changes nothing without --write', async () => {
    for (const text of ['DELETE FROM card', 'COMMIT; DELETE FROM card', 'DROP TABLE card']) {
      const refused = await run(text);
      expect(refused).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining('add --write to change data'),
      });
    }
    expect((await run('SELECT count(*) FROM card')).out).toContain('2');
  });

  it.each([
    ['SET TRANSACTION READ WRITE; DELETE FROM card;'],
    ['SET TRANSACTION READ WRITE;', 'DELETE FROM card;'],
    ['ROLLBACK; BEGIN READ WRITE; DELETE FROM card; COMMIT;'],
    ['ROLLBACK AND CHAIN;', 'SET TRANSACTION READ WRITE;', 'DELETE FROM card;', 'COMMIT;'],
    ['SET default_transaction_read_only = off;', 'DELETE FROM card;'],
    ['SET transaction_read_only = off;', 'DELETE FROM card;'],
    ['DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; DELETE FROM card; END $$;'],
    [`DO $$ BEGIN PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM card; END $$;`],
  ])('cannot be talked into a change without --write: %s', async (...answers) => {
    await run(answers.join(' '));
    await millrace(['sql', 'gift-card'], { ...situation, answers });
    expect((await run('SELECT id FROM card')).out).toContain('(2 rows)');
  });

  it('says how many rows a statement changed', async () => {
    expect((await run(`UPDATE card SET note = 'x' WHERE id = 12`, '--write')).out).toBe('UPDATE 1');
    await run('UPDATE card SET note = NULL WHERE id = 12', '--write');
  });

  it('Z12 ends a statement that takes too long', async () => {
    const { exitCode, err } = await run('SELECT pg_sleep(20)', '--timeout', '1');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('give it more time with --timeout'),
    });
  });

  it('describes tables as the prompt does', async () => {
    expect((await run('\\d')).out).toMatch(/^card +BASE TABLE$/m);
  });

  it('reports a wrong statement', async () => {
    expect(await run('SELEC 1')).toMatchObject({
      exitCode: 1,
      err: 'millrace: syntax error at or near "SELEC"',
    });
  });

  it('has a prompt for statements of several lines, which survives errors', async () => {
    const answers = [
      'SELECT id',
      'FROM card',
      "WHERE note = 'two",
      "lines';",
      '',
      'nonsense;',
      '\\d card',
      '\\q',
      'SELECT 7;',
    ];
    const { exitCode, out, err } = await millrace(['sql', 'gift-card'], { ...situation, answers });
    expect(exitCode).toBe(0);
    expect(out).toContain('id\n1\n(1 row)');
    expect(out).toMatch(/^note +text +YES +-$/m);
    expect(out).not.toContain('7');
    expect(err).toContain('error: syntax error at or near "nonsense"');
  });

  it.each([
    [{}, 'give --url postgres://'],
    [
      { GIFT_CARD_DATABASE_URL: 'postgres://a:secret@127.0.0.1:1/none' },
      'cannot connect to none on 127.0.0.1:1',
    ],
    [{ GIFT_CARD_DATABASE_URL: 'a:secret@127.0.0.1' }, 'give postgres://USER:PASSWORD@HOST:PORT/DATABASE'],
  ])('says what to give if it finds no database in %j, without a password', async (environment, remedy) => {
    const { exitCode, err } = await millrace(['sql', 'gift-card', '-c', 'SELECT 1'], {
      environment: { ...environment, MILLRACE_DATA: '/nonesuch' },
    });
    expect(exitCode).toBe(1);
    expect(err).toContain(remedy);
    expect(err).not.toContain('secret');
  });
});
