import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createRebuilds,
  eventSourcingMigrations,
  foldEvents,
  inlineProjections,
  postgresEventStore,
  type RecordedEvent,
} from '@millrace/event-sourcing';
import { migrate } from '@millrace/streaming-core/postgres';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { seed, seededRandom } from '@millrace/testing/random';
import { within } from '@millrace/testing/within';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { integer } from '../tables/columns.ts';
import { plus } from '../tables/increment.ts';
import { inlineProjection } from './inline-projection.ts';

type UserEvent =
  | { type: 'UserCreated'; id: string; email: string }
  | { type: 'UserUpdated'; id: string; email: string }
  | { type: 'UserSeen'; id: string }
  | { type: 'UserDeleted'; id: string };
type BotEvent = { type: 'BotAdded'; id: string } | { type: 'BotRetired'; id: string };

@Entity('person')
class Person {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  email!: string;

  @Column({ ...integer, default: 0 })
  seen!: number;
}

/** Folds streams of two domains into one table. */
const people = inlineProjection(Person).of<UserEvent | BotEvent>({
  UserCreated: ({ email }) => ({ email }),
  UserUpdated: ({ email }) => ({ email }),
  UserSeen: () => ({ seen: plus(1) }),
  UserDeleted: () => null,
  BotAdded: ({ id }) => ({ email: `${id}@bots` }),
  BotRetired: () => null,
});

type Row = { id: string; email: string; seen: string } | undefined;

const evolve = (row: Row, event: UserEvent | BotEvent): Row => {
  if (event.type === 'UserDeleted' || event.type === 'BotRetired') return undefined;
  if (event.type === 'UserSeen') return row && { ...row, seen: String(Number(row.seen) + 1) };
  const email = event.type === 'BotAdded' ? `${event.id}@bots` : event.email;
  return { id: event.id, email, seen: row?.seen ?? '0' };
};

describe('a read model whose events remove rows', () => {
  const store = postgresEventStore();
  const projections = inlineProjections([people]);
  const writers = 4;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'event-sourcing', folder: eventSourcingMigrations }]);
    await database.sql.query(
      'CREATE TABLE person (id text PRIMARY KEY, email text NOT NULL, seen bigint NOT NULL)',
    );
  });
  afterAll(() => database.drop());

  /** Writes valid stories of a few streams until `isDone`. */
  async function write(writer: number, isDone: () => boolean): Promise<void> {
    const random = seededRandom(seed + writer);
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
    const present = new Set<string>();
    while (!isDone()) {
      const id = `${pick(['user', 'bot'])}-${writer}-${pick([1, 2, 3])}`;
      const next = (): UserEvent | BotEvent => {
        const isPresent = present.has(id);
        if (id.startsWith('bot')) return { type: isPresent ? 'BotRetired' : 'BotAdded', id };
        const email = String(random());
        if (!isPresent) return { type: 'UserCreated', id, email };
        const type = pick(['UserUpdated', 'UserSeen', 'UserDeleted'] as const);
        return type === 'UserUpdated' ? { type, id, email } : { type, id };
      };
      const events = Array.from({ length: pick([1, 2, 3]) }, () => {
        const event = next();
        if (event.type === 'UserDeleted' || event.type === 'BotRetired') present.delete(id);
        else present.add(id);
        return event;
      });
      const options = {
        metadata: { correlationId: randomUUID(), causationId: randomUUID() },
        newId: randomUUID,
        now: new Date(),
      };
      await database.sql.transaction((transaction) =>
        transaction.unitOfWork(async () => {
          const appends = [{ stream: id, expected: 'any' as const, events }];
          await projections.apply(transaction, await store.append(transaction, appends, options));
        }),
      );
    }
  }

  async function folded(): Promise<readonly Row[]> {
    const { rows } = await database.sql.query<{ id: string }>(
      'SELECT id FROM stream ORDER BY id COLLATE "C"',
    );
    const states = await Promise.all(
      rows.map(async ({ id }) => {
        const events = (await store.read(database.sql, id)) as readonly RecordedEvent<UserEvent | BotEvent>[];
        return foldEvents(
          { initialState: undefined as Row, evolve },
          events.map(({ event }) => event),
        );
      }),
    );
    return states.filter((state) => state !== undefined);
  }

  it('E29 equals a fold of every stream after a rebuild under concurrent writes', async () => {
    const rebuilds = createRebuilds({
      database: database.sql,
      projections: [people],
      catalog: store.settings.catalog,
      clock: systemClock,
      logger: silentLogger,
    });
    let done = false;
    const writing = Array.from({ length: writers }, (_, writer) => write(writer, () => done));
    const events = async () =>
      Number((await database.sql.query('SELECT count(*) FROM event')).rows[0]?.count);
    await within(20_000)(async () => (await events()) > 300);
    await database.sql.query(`UPDATE person SET email = 'spoilt'`);
    rebuilds.start();
    await rebuilds.begin('person');
    const begunAt = await events();
    await within(20_000)(async () => (await rebuilds.progress()).length === 0);
    const swappedAt = await events();
    await within(20_000)(async () => (await events()) > swappedAt + 100);
    done = true;
    await Promise.all(writing);
    await rebuilds.stop();

    expect(swappedAt).toBeGreaterThan(begunAt);
    const live = (await database.sql.query('SELECT id, email, seen FROM person ORDER BY id COLLATE "C"'))
      .rows;
    const expected = await folded();
    expect(live).toEqual(expected);
    expect(live.some(({ id }) => String(id).startsWith('user'))).toBe(true);
    expect(JSON.stringify(live)).not.toContain('spoilt');
  }, 60_000);
});
