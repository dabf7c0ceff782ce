import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { topic, type Message } from '@millrace/streaming-core/contract';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { fc } from '@millrace/testing/random';
import { z } from 'zod';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { checkTables } from '../tables/check-tables.ts';
import { instant, integer } from '../tables/columns.ts';
import { rowsByKey } from '../tables/row-table.ts';
import { topicProjection, type TopicProjection } from './topic-projection.ts';

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

class AnyUser {
  @PrimaryColumn('text')
  userId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  email!: string;

  @Column({ ...integer, nullable: true })
  logins!: number | null;

  @Column({ ...instant, nullable: true })
  removedAt!: string | null;
}
@Entity('app_user')
class AppUser extends AnyUser {}
@Entity('account')
class Account extends AnyUser {}
@Entity('strict_account')
class StrictAccount extends AnyUser {}
@Entity('member')
class Member extends AnyUser {}
@Entity('visitor')
class Visitor {
  @PrimaryColumn('text')
  userId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  email!: string;

  @Column({ ...integer, default: 0 })
  visits!: number;
}

const handlers = {
  UserCreated: ({ name, email }: { name: string; email: string }) => ({ name, email }),
  UserUpdated: ({ email }: { email: string }) => ({ email }),
  UserDeleted: () => null,
};
const users = topicProjection(AppUser).from(userEvents, handlers);

const accounts = topicProjection(Account, {
  shownOnce: 'name',
  greatest: ['logins'],
  removed: 'removedAt',
})
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
    const members = topicProjection(Member).from(userEvents, handlers);
    await checkTables(database.sql, [members.checked]);
    await handle(members, john('a'), john('b'));
    await handle(members, UserUpdated({ userId: 'a', email: 'a@new.com' }), john('c'));
    await handle(members, UserUpdated({ userId: 'c', email: 'c@new.com' }));

    const found = await rowsByKey(Member)(database.sql, ['a', 'b', 'c']);
    expect(found.map(({ name, email }) => `${name} ${email}`).sort()).toEqual([
      'John a@new.com',
      'John c@new.com',
      'John john@old.com',
    ]);
    await expect(handle(members, UserUpdated({ userId: 'nobody', email: 'x' }))).rejects.toMatchObject({
      code: '23502',
    });
  });

  it('begins a required column with its initial value if no message sets it, and keeps a stored one', async () => {
    await database.sql.query(
      'CREATE TABLE visitor (user_id text PRIMARY KEY, name text NOT NULL, email text NOT NULL, visits bigint NOT NULL)',
    );
    const visitors = topicProjection(Visitor).from(userEvents, handlers);
    await checkTables(database.sql, [visitors.checked]);
    const visitorA = async () => (await rowsByKey(Visitor)(database.sql, ['a']))[0];
    await handle(visitors, john('a'));
    expect(await visitorA()).toMatchObject({ visits: 0 });
    await database.sql.query('UPDATE visitor SET visits = 7');
    await handle(visitors, UserUpdated({ userId: 'a', email: 'a@new.com' }));
    expect(await visitorA()).toMatchObject({ visits: 7, email: 'a@new.com' });
  });

  it('refuses at boot a required column in a table that several topics write', async () => {
    await database.sql.query(
      "CREATE TABLE strict_account (user_id text PRIMARY KEY, name text NOT NULL, email text NOT NULL DEFAULT '', logins bigint, removed_at timestamptz)",
    );
    const strict = topicProjection(StrictAccount, { shownOnce: 'name' });
    const checked = checkTables(database.sql, [strict.checked]);
    await expect(checked).rejects.toThrow('strict_account.name is NOT NULL');
    await expect(checked).rejects.toThrow('strict_account.email is NOT NULL');
  });

  it('removes a row by a message, whether or not it was changed in the same batch', async () => {
    const viewOf = async (userId: string) => (await rowsByKey(AppUser)(database.sql, [userId]))[0];
    await handle(users, john('a'), john('b'));
    await handle(users, UserUpdated({ userId: 'a', email: 'john@new.com' }));
    expect(await viewOf('a')).toMatchObject({ userId: 'a', name: 'John', email: 'john@new.com' });
    await handle(users, UserDeleted({ userId: 'a' }));
    await handle(users, UserUpdated({ userId: 'b', email: 'x' }), UserDeleted({ userId: 'b' }), john('c'));
    await handle(users, UserDeleted({ userId: 'nobody' }));
    expect(await Promise.all(['a', 'b', 'nobody'].map(viewOf))).toEqual([undefined, undefined, undefined]);
    expect(await viewOf('c')).toMatchObject({ name: 'John' });
  });

  it('recreates a removed row from the same topic', async () => {
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
  });

  it('refuses to remove rows of several topics that it could not keep removed', async () => {
    const projection = topicProjection(Account, { shownOnce: 'name' })
      .from(userEvents, handlers)
      .from(loginEvents, { LoggedIn: ({ count }) => ({ logins: count }) });
    await expect(handle(projection, UserDeleted({ userId: 'e' }))).rejects.toThrow('as `removed`');
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
