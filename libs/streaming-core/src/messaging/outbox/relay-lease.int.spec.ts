import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createTestDatabase,
  gives,
  playSchedule,
  refused,
  type Step,
  type TestDatabase,
  type Work,
} from '@millrace/testing/postgres';
import { silentLogger } from '../../runtime/index.ts';
import {
  createPrefixReader,
  migrate,
  streamingCoreMigrations,
  type SqlDatabase,
} from '../../postgres/index.ts';
import { writes } from './notes.fixture.ts';
import { RelayLease } from './relay-lease.ts';
import type { StoredOutboxRow } from './outbox-row.ts';
import { outboxAfter } from './relay.sql.ts';

/** Plays schedules of the relay's lease step by step. Time passes only when the test says so. */
describe("P03 the relay's lease", () => {
  let database: TestDatabase;
  let published: string[] = [];
  const leases = new Map<string, RelayLease>();

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query(`CREATE VIEW drawn AS
      SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last_value FROM outbox_position_sequence`);
  });
  beforeEach(async () => {
    for (const lease of leases.values()) lease.abandon();
    leases.clear();
    published = [];
    await database.sql.query('TRUNCATE outbox');
    await database.sql.query(
      "UPDATE relay_cursor SET holder = NULL, lease_until = '-infinity', position = (SELECT last_value FROM drawn)",
    );
  });
  afterAll(async () => {
    for (const lease of leases.values()) lease.abandon();
    await database.drop();
  });

  /**
   * A relay's connection in the current step, and its last query. Its clock never advances, so that
   * renewals are steps too.
   */
  interface Place {
    sql: SqlDatabase;
    asked: Promise<unknown>;
    renew: () => void;
  }
  const places = new Map<string, Place>();

  function at(relay: string, sql: SqlDatabase): Place {
    const place = places.get(relay) ?? { sql, asked: Promise.resolve(), renew: () => undefined };
    places.set(relay, Object.assign(place, { sql }));
    return place;
  }

  const takes =
    (relay: string): Work =>
    async (sql) => {
      const place = at(relay, sql);
      const database = {
        query: (...asked: Parameters<SqlDatabase['query']>) =>
          (place.asked = place.sql.query(...asked)) as ReturnType<SqlDatabase['query']>,
        transaction: sql.transaction,
      } as SqlDatabase;
      const clock = {
        now: () => 0,
        monotonic: () => 0,
        after: (_: number, work: () => void) => ((place.renew = work), () => undefined),
      };
      const options = {
        database,
        clock,
        logger: silentLogger,
        name: 'outbox',
        holder: relay,
        leaseMs: 60_000,
        renewEveryMs: 0,
      };
      const lease = await RelayLease.take({ ...options, lastEpoch: leases.get(relay)?.epoch });
      if (lease !== undefined) leases.set(relay, lease);
      return lease !== undefined;
    };
  const leaseOf = (relay: string): RelayLease => {
    const lease = leases.get(relay);
    if (lease === undefined) throw new Error(`${relay} has no lease`);
    return lease;
  };

  /** Renews the lease and returns whether the relay still holds it. */
  const renews =
    (relay: string): Work =>
    async (sql) => {
      const place = at(relay, sql);
      place.renew();
      await place.asked;
      await turn();
      return leaseOf(relay).held;
    };
  const runsOut: Step = [
    'clock',
    'lets the lease run out',
    (sql) => sql.query("UPDATE relay_cursor SET lease_until = '-infinity'"),
  ];

  /**
   * Handles one batch as the relay does: it reads, publishes and records it. It may wait between
   * publishing and recording.
   */
  const publishes =
    (relay: string, hold: 'holds' | 'at once' = 'at once'): Work =>
    async (sql, stop) => {
      at(relay, sql);
      const lease = leaseOf(relay);
      const rows = await createPrefixReader<StoredOutboxRow>({ database: sql, statement: outboxAfter }).read(
        lease.position,
        100,
        1_000_000,
      );
      published.push(...rows.map(({ key }) => String(key)));
      if (hold === 'holds') await stop();
      const last = rows.at(-1);
      if (last !== undefined) await lease.advance(BigInt(last.position));
      return rows.map(({ key }) => String(key));
    };

  it('has one holder, and a second relay gets it only after it has expired', async () => {
    await playSchedule(database, [
      ['one', 'takes the lease', takes('one'), gives(true)],
      ['two', 'asks for it', takes('two'), gives(false)],
      runsOut,
      ['two', 'takes the lease', takes('two'), gives(true)],
      ['one', 'asks for it', takes('one'), gives(false)],
    ]);
  });

  it('records nothing for an old holder that lost it in the middle of a batch, and no row is skipped', async () => {
    await playSchedule(database, [
      ['service', 'writes', writes('a', 'b')],
      ['one', 'takes the lease', takes('one'), gives(true)],
      ['one', 'publishes', publishes('one'), gives(['a', 'b'])],
      ['service', 'writes', writes('c', 'd')],
      ['one', 'publishes, and stalls', publishes('one', 'holds'), 'holds'],
      runsOut,
      ['two', 'takes the lease', takes('two'), gives(true)],
      ['service', 'writes', writes('e')],
      ['one', 'goes on', refused('lease_lost')],
      ['two', 'publishes', publishes('two'), gives(['c', 'd', 'e'])],
      ['one', 'publishes', publishes('one'), refused('lease_lost')],
      ['service', 'writes', writes('f')],
      ['two', 'publishes', publishes('two'), gives(['f'])],
    ]);
    expect([...new Set(published)]).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(leaseOf('one').held).toBe(false);
  });

  it('stays lost for a stalled holder after its successor has recorded the same batch', async () => {
    await playSchedule(database, [
      ['service', 'writes', writes('a')],
      ['one', 'takes the lease', takes('one'), gives(true)],
      ['one', 'publishes, and stalls', publishes('one', 'holds'), 'holds'],
      runsOut,
      ['two', 'takes the lease', takes('two'), gives(true)],
      ['two', 'publishes', publishes('two'), gives(['a'])],
      ['one', 'goes on', refused('lease_lost')],
    ]);
    expect(published).toEqual(['a', 'a']);
  });

  it.each([
    ['a renewal', renews, true],
    ['a batch that is recorded', publishes, ['a']],
  ] as const)(
    'is kept after its end by %s that comes first, or lost to the relay that takes it first, but never both',
    async (_what, keeps, kept) => {
      await playSchedule(database, [
        ['service', 'writes', writes('a')],
        ['one', 'takes the lease', takes('one'), gives(true)],
        runsOut,
        ['one', 'begins'],
        ['one', 'keeps it', keeps('one'), gives(kept)],
        ['two', 'asks for it', takes('two'), 'waits'],
        ['one', 'commits'],
        ['two', 'goes on', gives(false)],
        ['service', 'writes', writes('b')],
        runsOut,
        ['two', 'begins'],
        ['two', 'takes the lease', takes('two'), gives(true)],
        ['one', 'tries to keep it', keeps('one'), 'waits'],
        ['two', 'commits'],
        ['one', 'goes on', kept === true ? gives(false) : refused('lease_lost')],
        ['two', 'keeps it', renews('two'), gives(true)],
      ]);
      expect(leaseOf('one').held).toBe(false);
    },
  );

  it('can be given back, so that the next relay resumes at once after the recorded rows', async () => {
    await playSchedule(database, [
      ['service', 'writes', writes('a')],
      ['one', 'takes the lease', takes('one'), gives(true)],
      ['one', 'publishes', publishes('one'), gives(['a'])],
      ['one', 'gives it back', (sql) => (at('one', sql), leaseOf('one').release())],
      ['two', 'takes the lease', takes('two'), gives(true)],
      ['two', 'publishes', publishes('two'), gives([])],
      ['one', 'gives it back again', (sql) => (at('one', sql), leaseOf('one').release())],
      ['one', 'asks for it', takes('one'), gives(false)],
    ]);
  });
});
