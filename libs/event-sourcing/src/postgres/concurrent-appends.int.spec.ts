import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import { seed, seededRandom } from '@millrace/testing/random';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { lockStreams } from './lock-streams.ts';
import { postgresEventStore } from './postgres-event-store.ts';

describe(`concurrent appends (seed ${seed})`, () => {
  const store = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  it('E01 let exactly one of several writers that expect the same version win', async () => {
    const stream = newStream();
    const write = () =>
      database.sql.transaction((transaction) =>
        store.append(
          transaction,
          [{ stream, expected: 'none', events: [{ type: 'Opened' }] }],
          appendOptions(),
        ),
      );
    const outcomes = await Promise.allSettled(Array.from({ length: 16 }, write));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'wrong_expected_version', actual: 1n });
    expect(await store.read(database.sql, stream)).toHaveLength(1);
  });

  it('E03 never deadlock over overlapping sets of streams, and keep positions in version order in every stream', async () => {
    const random = seededRandom(seed);
    const streams = Array.from(
      { length: 12 },
      (_, index) => `${newStream('hot')}-${index % 2 ? 'ä' : 'Z'}${index}`,
    );
    const writers = 16;
    const writesEach = 60;
    let events = 0;

    await Promise.all(
      Array.from({ length: writers }, async () => {
        for (let write = 0; write < writesEach; write++) {
          const chosen = pick(streams, random, 1 + Math.floor(random() * 5));
          const appends = chosen.map((stream) => ({
            stream,
            expected: 'any' as const,
            events: Array.from({ length: 1 + Math.floor(random() * 3) }, (_, number) => ({
              type: 'Written',
              number,
            })),
          }));
          const asBatch = random() < 0.5;
          const rollsBack = random() < 0.1;
          await database.sql
            .transaction(async (transaction) => {
              if (asBatch) await lockStreams(transaction, pick(chosen, random, chosen.length));
              await store.append(transaction, appends, appendOptions());
              if (rollsBack) throw new RolledBack();
            })
            .then(
              () => (events += appends.flatMap((append) => append.events).length),
              (error: unknown) => {
                if (!(error instanceof RolledBack)) throw error;
              },
            );
        }
      }),
    );

    const { rows } = await database.sql.query<{ stream: string; versions: string[] }>(
      'SELECT stream, array_agg(version ORDER BY position) AS versions FROM event WHERE stream = ANY ($1) GROUP BY stream',
      [streams],
    );
    for (const { versions } of rows) expect(versions).toEqual(versions.map((_, index) => String(index + 1)));
    expect(rows.flatMap(({ versions }) => versions)).toHaveLength(events);
    const { rows: rowsOfStreams } = await database.sql.query(
      'SELECT id FROM stream WHERE version <> (SELECT count(*) FROM event WHERE event.stream = stream.id)',
    );
    expect(rowsOfStreams).toEqual([]);
  });
});

class RolledBack extends Error {}

function pick<Item>(items: readonly Item[], random: () => number, count: number): readonly Item[] {
  const rest = [...items];
  return Array.from({ length: count }, () => rest.splice(Math.floor(random() * rest.length), 1)[0]!);
}
