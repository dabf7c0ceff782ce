import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Queryable } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import type { DomainEvent } from '../decider.ts';
import type { EventTypes } from '../event-versions.ts';
import { loadState } from '../state.ts';
import {
  ledger,
  ledgerRelease1,
  ledgerRelease2,
  ledgerRelease3,
  ledgerRelease3Beside,
} from '../versioned.fixture.ts';
import { assertReadable } from './assert-readable.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { lockStreams } from './lock-streams.ts';
import { postgresEventStore } from './postgres-event-store.ts';

/** A process of a release: it boots, and then appends. */
async function boot({ sql }: TestDatabase, ...events: readonly EventTypes[]) {
  const store = postgresEventStore({ events });
  await assertReadable(sql, store.settings.catalog);
  return {
    store,
    append: (stream: string, ...added: readonly DomainEvent[]) =>
      sql.transaction((transaction) =>
        store.append(transaction, [{ stream, expected: 'any', events: added }], appendOptions()),
      ),
    state: (stream: string, reader: Queryable = sql) => loadState(reader, store, ledger, stream),
  };
}

const booked1 = (amount: string): DomainEvent => ({ type: 'Booked', amount }) as DomainEvent;
const booked2 = (cents: number): DomainEvent => ({ type: 'Booked', cents }) as DomainEvent;

describe('event types in the database', () => {
  let database: TestDatabase;
  beforeEach(async () => void (database = await openEventDatabase()));
  afterEach(() => database.drop());

  it('E24 are stored with their version, and every release reads those of earlier ones', async () => {
    const stream = newStream('ledger');
    await (await boot(database, ledgerRelease1)).append(stream, booked1('1.50'));
    await (await boot(database, ledgerRelease2)).append(stream, booked2(25));
    const release3 = await boot(database, ledgerRelease3);
    await release3.append(stream, { type: 'Booked', cents: 5, currency: 'EUR' } as DomainEvent);

    const { rows } = await database.sql.query('SELECT schema_version FROM event ORDER BY version');
    expect(rows.map((row) => row.schema_version)).toEqual([1, 2, 3]);
    expect((await release3.state(stream)).state).toEqual({ cents: 180, currency: 'EUR' });
    const locked = await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      return release3.state(stream, transaction);
    });
    expect(locked.state).toEqual({ cents: 180, currency: 'EUR' });
    const caused = await database.sql.transaction((transaction) =>
      release3.store.readCaused(transaction, [stream], appendOptions().metadata.causationId),
    );
    expect(caused.map(({ schemaVersion }) => schemaVersion)).toEqual([3, 3, 3]);
  });

  it('E31 are readable for the release before while the new one stores what fits it', async () => {
    const stream = newStream('ledger');
    const booked = (cents: number, currency: string) => ({ type: 'Booked', cents, currency }) as DomainEvent;
    const release2 = await boot(database, ledgerRelease2);
    const release3 = await boot(database, ledgerRelease3Beside);
    const recorded = await release3.append(stream, booked(5, 'EUR'));

    expect(recorded).toMatchObject([{ schemaVersion: 3, event: booked(5, 'EUR') }]);
    expect((await release2.state(stream)).state.cents).toBe(5);
    expect((await release3.state(stream)).state).toEqual({ cents: 5, currency: 'EUR' });
    expect(await release3.store.read(database.sql, stream)).toMatchObject(recorded);
    const inOneTransaction = await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      return transaction.unitOfWork(async () => {
        const added = { stream, expected: 1n, events: [booked(7, 'EUR'), booked(1, 'USD')] };
        await release3.store.append(transaction, [added], appendOptions());
        return release3.state(stream, transaction);
      });
    });
    expect(inOneTransaction.state).toEqual({ cents: 13, currency: 'USD' });
    const { rows } = await database.sql.query('SELECT schema_version, data FROM event ORDER BY version');
    expect(rows).toEqual([
      { schema_version: 2, data: { cents: 5 } },
      { schema_version: 2, data: { cents: 7 } },
      { schema_version: 3, data: { cents: 1, currency: 'USD' } },
    ]);
    await expect(release2.state(stream)).rejects.toMatchObject({ code: 'event_not_readable' });
  });

  it('E25 keep a release from booting that does not know one of them, and are named', async () => {
    const stream = newStream('ledger');
    const release3 = await boot(database, ledgerRelease3, { Opened: ledgerRelease3.Closed! });
    for (const cents of [1, 2, 3])
      await release3.append(stream, { type: 'Booked', cents, currency: 'EUR' } as DomainEvent);
    await release3.append(newStream('other'), { type: 'Opened' });

    await expect(boot(database, ledgerRelease2)).rejects.toMatchObject({
      code: 'event_not_readable',
      message: expect.stringMatching(
        new RegExp(
          `3 of Booked v3, for instance in stream ${stream}, but the type is known up to v2; ` +
            '1 of Opened v1, for instance in stream other-.*, but the type is unknown: run the release that wrote them',
        ),
      ),
    });
  });

  it('do not keep a release from booting if none of them was ever stored', async () => {
    await boot(database, ledgerRelease3);
    const release2 = await boot(database, ledgerRelease2);
    const stream = newStream('ledger');
    await release2.append(stream, booked2(1));
    expect((await (await boot(database, ledgerRelease3)).state(stream)).state.cents).toBe(1);
  });

  it('E25 are refused at the append if they are not declared, before anything is written', async () => {
    const { append } = await boot(database, ledgerRelease3);
    const stream = newStream('ledger');
    await expect(append(stream, { type: 'Opened' })).rejects.toMatchObject({ code: 'event_type_undeclared' });
    expect((await database.sql.query('SELECT FROM stream')).rowCount).toBe(0);
  });
});
