import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { topic, type Message } from '@millrace/streaming-core/contract';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { fc } from '@millrace/testing/random';
import { z } from 'zod';
import { checkTables } from './check-tables.ts';
import { readModel } from './read-model.ts';
import { topicProjection, type TopicProjection } from './topic-projection.ts';
import { viewsOf } from './views.ts';

const userEvents = topic(
  'user-events',
  { key: 'userId', partitions: 2, retention: 1 },
  {
    UserCreated: z.strictObject({ userId: z.string(), name: z.string(), email: z.string() }),
    UserUpdated: z.strictObject({ userId: z.string(), email: z.string() }),
    UserDeleted: z.strictObject({ userId: z.string() }),
  },
);
const loginEvents = topic(
  'login-events',
  { key: 'userId', partitions: 2, retention: 1 },
  { LoggedIn: z.strictObject({ userId: z.string(), count: z.number() }) },
);

const fields = {
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  logins: z.number().int().optional(),
  removedAt: z.iso.datetime().optional(),
};

const handlers = {
  UserCreated: ({ name, email }: { name: string; email: string }) => ({ name, email }),
  UserUpdated: ({ email }: { email: string }) => ({ email }),
  UserDeleted: () => null,
};
const user = readModel({ table: 'app_user', key: 'userId', fields });
const users = topicProjection(user).from(userEvents, handlers);

const account = readModel({
  table: 'account',
  key: 'userId',
  joined: { shownOnce: 'name', greatest: ['logins'], removed: 'removedAt' },
  fields,
});
const accounts = topicProjection(account)
  .from(userEvents, handlers)
  .from(loginEvents, { LoggedIn: ({ count }) => ({ logins: count }) });

const time = '2026-01-02T03:04:05.678Z';
const { UserCreated, UserUpdated, UserDeleted } = userEvents;
const { LoggedIn } = loginEvents;

describe('a read model from topics', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    for (const table of ['app_user', 'account'])
      await database.sql.query(
        `CREATE TABLE ${table} (user_id text PRIMARY KEY, name text, email text, logins bigint, removed_at timestamptz)`,
      );
  });
  afterAll(() => database.drop());

  /** Handles a batch in one transaction, as a consumer does. */
  const handle = (projection: TopicProjection, ...messages: readonly Message[]) =>
    database.sql.transaction((transaction) =>
      transaction.unitOfWork(async () => {
        for (const message of messages)
          await projection.handlers
            .find((handler) => handler.message.type === message.type)
            ?.handle(message, { transaction, time } as unknown as MessageContext);
      }),
    );
  const rowOf = async (table: 'app_user' | 'account', userId: string) =>
    (await database.sql.query(`SELECT * FROM ${table} WHERE user_id = $1`, [userId])).rows[0];
  const john = (userId: string) => UserCreated({ userId, name: 'John', email: 'john@old.com' });

  it('keeps required columns that only the first message of a row gives', async () => {
    await database.sql.query(
      'CREATE TABLE member (user_id text PRIMARY KEY, name text NOT NULL, email text NOT NULL, logins bigint, removed_at timestamptz)',
    );
    const member = readModel({ table: 'member', key: 'userId', fields });
    await checkTables(database.sql, [member]);
    const members = topicProjection(member).from(userEvents, handlers);
    await handle(members, john('a'), john('b'));
    await handle(members, UserUpdated({ userId: 'a', email: 'a@new.com' }), john('c'));
    await handle(members, UserUpdated({ userId: 'c', email: 'c@new.com' }));

    const found = await viewsOf(member, database.sql).some(['a', 'b', 'c']);
    expect(found.map(({ name, email }) => `${name} ${email}`).sort()).toEqual([
      'John a@new.com',
      'John c@new.com',
      'John john@old.com',
    ]);
    await expect(handle(members, UserUpdated({ userId: 'nobody', email: 'x' }))).rejects.toMatchObject({
      code: '23502',
    });
  });

  it('begins a required column with its initial value if no message gives it, and keeps what is stored', async () => {
    await database.sql.query(
      'CREATE TABLE visitor (user_id text PRIMARY KEY, name text NOT NULL, email text NOT NULL, visits bigint NOT NULL)',
    );
    const { userId, name, email } = fields;
    const visits = z.number().int().default(0);
    const visitor = readModel({ table: 'visitor', key: 'userId', fields: { userId, name, email, visits } });
    await checkTables(database.sql, [visitor]);
    const visitors = topicProjection(visitor).from(userEvents, handlers);
    await handle(visitors, john('a'));
    expect(await viewsOf(visitor, database.sql).one('a')).toMatchObject({ visits: 0 });
    await database.sql.query('UPDATE visitor SET visits = 7');
    await handle(visitors, UserUpdated({ userId: 'a', email: 'a@new.com' }));
    expect(await viewsOf(visitor, database.sql).one('a')).toMatchObject({ visits: 7, email: 'a@new.com' });
  });

  it('refuses at boot a required column in a table that several topics write', async () => {
    await database.sql.query(
      "CREATE TABLE strict_account (user_id text PRIMARY KEY, name text NOT NULL, email text NOT NULL DEFAULT '', logins bigint, removed_at timestamptz)",
    );
    const strict = readModel({
      table: 'strict_account',
      key: 'userId',
      joined: { shownOnce: 'name' },
      fields,
    });
    const checked = checkTables(database.sql, [strict]);
    await expect(checked).rejects.toThrow('strict_account.name is NOT NULL');
    await expect(checked).rejects.toThrow('strict_account.email is NOT NULL');
  });

  it('removes a row by a message, whether or not it was changed in the same batch', async () => {
    const viewOf = (userId: string) => viewsOf(user, database.sql).one(userId);
    await handle(users, john('a'), john('b'));
    await handle(users, UserUpdated({ userId: 'a', email: 'john@new.com' }));
    expect(await viewOf('a')).toEqual({ userId: 'a', name: 'John', email: 'john@new.com' });
    await handle(users, UserDeleted({ userId: 'a' }));
    await handle(users, UserUpdated({ userId: 'b', email: 'x' }), UserDeleted({ userId: 'b' }), john('c'));
    await handle(users, UserDeleted({ userId: 'nobody' }));
    expect(await Promise.all(['a', 'b', 'nobody'].map(viewOf))).toEqual([undefined, undefined, undefined]);
    expect(await viewOf('c')).toMatchObject({ name: 'John' });
  });

  it('begins a removed row anew from the same topic', async () => {
    await handle(users, john('d'), UserDeleted({ userId: 'd' }));
    await handle(users, john('d'));
    await handle(users, UserDeleted({ userId: 'd' }), UserCreated({ userId: 'd', name: 'Jane', email: 'j' }));
    expect(await rowOf('app_user', 'd')).toMatchObject({ name: 'Jane', email: 'j' });
  });

  it('keeps nothing of a removed row of several topics, whatever arrives late', async () => {
    await handle(accounts, john('e'), LoggedIn({ userId: 'e', count: 3 }));
    await handle(accounts, UserDeleted({ userId: 'e' }));
    await handle(accounts, LoggedIn({ userId: 'e', count: 4 }), LoggedIn({ userId: 'f', count: 1 }));
    await handle(accounts, UserDeleted({ userId: 'f' }), LoggedIn({ userId: 'f', count: 2 }));
    const removed = { name: null, email: null, logins: null, removed_at: new Date(time) };
    expect(await rowOf('account', 'e')).toEqual({ user_id: 'e', ...removed });
    expect(await rowOf('account', 'f')).toEqual({ user_id: 'f', ...removed });
    expect(await viewsOf(account, database.sql).some(['e', 'f'])).toEqual([]);
  });

  it('refuses to remove rows of several topics that it could not keep removed', async () => {
    const shown = readModel({ table: 'account', key: 'userId', joined: { shownOnce: 'name' }, fields });
    const projection = topicProjection(shown)
      .from(userEvents, handlers)
      .from(loginEvents, { LoggedIn: ({ count }) => ({ logins: count }) });
    await expect(handle(projection, UserDeleted({ userId: 'e' }))).rejects.toThrow('joined.removed');
  });

  it('has the same rows after a rebuild, in whatever order topics and processes come', async () => {
    const ids = ['u', 'v', 'w'];
    const step = fc.record({
      userId: fc.constantFrom(...ids),
      kind: fc.constantFrom('created', 'updated', 'deleted', 'login'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 24 }), async (steps) => {
        const ofUsers = steps
          .filter(({ kind }) => kind !== 'login')
          .map(({ userId, kind }, index) => {
            if (kind === 'deleted') return UserDeleted({ userId });
            const email = `${index}@example.org`;
            return kind === 'created'
              ? UserCreated({ userId, name: 'n', email })
              : UserUpdated({ userId, email });
          });
        const logins = steps.flatMap(({ userId, kind }, index) =>
          kind === 'login' ? [LoggedIn({ userId, count: index })] : [],
        );
        const rows = async () =>
          (await database.sql.query('SELECT * FROM account WHERE user_id = ANY ($1) ORDER BY 1', [ids])).rows;
        const read = async (messages: readonly Message[], size: number) => {
          for (let at = 0; at < messages.length; at += size)
            await handle(accounts, ...messages.slice(at, at + size));
        };
        const empty = () => database.sql.query('DELETE FROM account WHERE user_id = ANY ($1)', [ids]);
        await empty();
        await Promise.all([read(ofUsers, 1), read(logins, 2)]);
        const live = await rows();
        await empty();
        await Promise.all([read(logins, 5), read(ofUsers, 7)]);
        expect(await rows()).toEqual(live);
      }),
      { numRuns: 40 },
    );
  });
});
