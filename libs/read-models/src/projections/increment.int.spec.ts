import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@millrace/event-sourcing';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { fc } from '@millrace/testing/random';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { checkTables } from '../tables/check-tables.ts';
import { integer } from '../tables/columns.ts';
import { minus, plus } from '../tables/increment.ts';
import { rowsByKey } from '../tables/row-table.ts';
import { inlineProjection } from './inline-projection.ts';

type CrateEvent =
  | { type: 'Packed'; id: string; units: number; grams: number }
  | { type: 'Labelled'; id: string; label: string }
  | { type: 'Added'; id: string; units: number }
  | { type: 'Lightened'; id: string; grams: number }
  | { type: 'Weighed'; id: string; grams: number; unit: string }
  | { type: 'Halved'; id: string }
  | { type: 'Removed'; id: string };

@Entity('crate')
class Crate {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  label!: string;

  @Column({ ...integer, default: 0 })
  units!: number;

  @Column({ ...integer, default: 0 })
  grams!: number;

  @Column('text', { default: 'g' })
  unit!: string;
}

const table = `
  CREATE TABLE crate (
    id text PRIMARY KEY,
    label text NOT NULL,
    units bigint,
    grams bigint,
    unit text
  )`;

const projection = inlineProjection(Crate).of<CrateEvent>({
  Packed: ({ units, grams }) => ({ label: 'packed', units, grams, unit: 'g' }),
  Labelled: ({ label }) => ({ label }),
  Added: ({ units }) => ({ units: plus(units) }),
  Lightened: ({ grams }) => ({ grams: minus(grams) }),
  Weighed: ({ grams, unit }) => ({ grams: plus(grams), unit }),
  Halved:
    () =>
    ({ units }) => ({ units: units / 2 }),
  Removed: () => null,
});

const packed = (id: string, units = 10): CrateEvent => ({ type: 'Packed', id, units, grams: 500 });
const labelled = (id: string): CrateEvent => ({ type: 'Labelled', id, label: 'new' });
const added = (id: string, units: number): CrateEvent => ({ type: 'Added', id, units });
const lightened = (id: string, grams: number): CrateEvent => ({ type: 'Lightened', id, grams });

type Model = { label: string; units: number; grams: number; unit: string } | null;

const everyStep = fc.record({
  type: fc.constantFrom('Packed', 'Labelled', 'Added', 'Lightened', 'Weighed', 'Halved', 'Removed'),
  by: fc.integer({ min: -9, max: 9 }),
});

/** Returns the event of a step, or one that creates the row if the event needs one. */
function eventOf(id: string, { type, by }: { type: string; by: number }, model: Model): CrateEvent {
  if (type === 'Labelled') return labelled(id);
  if (model === null || type === 'Packed') return packed(id, by * 2);
  if (type === 'Added' || (type === 'Halved' && model.units % 2 !== 0)) return added(id, by);
  if (type === 'Lightened') return lightened(id, by);
  if (type === 'Weighed') return { type, id, grams: by, unit: 'gram' };
  return { type: type as 'Halved' | 'Removed', id };
}

function after(model: Model, event: CrateEvent): Model {
  const row = model ?? { label: '', units: 0, grams: 0, unit: 'g' };
  const { grams, units } = row;
  if (event.type === 'Packed') return { label: 'packed', units: event.units, grams: event.grams, unit: 'g' };
  if (event.type === 'Labelled') return { ...row, label: event.label };
  if (event.type === 'Added') return { ...row, units: units + event.units };
  if (event.type === 'Lightened') return { ...row, grams: grams - event.grams };
  if (event.type === 'Weighed') return { ...row, grams: grams + event.grams, unit: event.unit };
  if (event.type === 'Halved') return { ...row, units: units / 2 };
  return null;
}

describe('an increment', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query(table);
  });
  afterAll(() => database.drop());

  /** Applies events in a transaction and returns the kinds of statements that this took. */
  function apply(...events: readonly CrateEvent[]): Promise<readonly string[]> {
    const asked: string[] = [];
    const recordedAt = new Date('2026-01-02T03:04:05.678Z');
    const recorded = events.map((event) => ({ event, recordedAt, version: 1n }) as unknown as RecordedEvent);
    return database.sql.transaction(async (transaction) => {
      const counting = transaction.withQuery((text, values) => {
        asked.push(text.startsWith('WITH') ? 'UPDATE' : text.slice(0, 6));
        return transaction.query(text, values);
      });
      const sent = await projection.apply(counting, recorded);
      await sent?.answers;
      return asked;
    });
  }

  const crates = rowsByKey(Crate);
  const viewOf = async (id: string) => (await crates(database.sql, [id]))[0];

  it('is added by the database, without reading the row', async () => {
    await apply(packed('one'), packed('two'));
    const asked = await apply(added('one', 2), added('two', -3), added('one', 1));

    expect(asked).toEqual(['UPDATE']);
    expect(await viewOf('one')).toMatchObject({ units: 13, label: 'packed' });
    expect(await viewOf('two')).toMatchObject({ units: 7 });
  });

  it('is added to an earlier value of the same batch, and overwritten by a later one', async () => {
    const asked = await apply(added('same', 4), packed('same'), added('same', 1), lightened('same', 1));

    expect(asked).toEqual(['INSERT']);
    expect(await viewOf('same')).toMatchObject({ units: 11, grams: 499 });
  });

  it('starts from the initial value in a row that the same batch creates', async () => {
    const asked = await apply(
      labelled('new'),
      added('new', 4),
      { type: 'Halved', id: 'new' },
      added('new', 5),
      lightened('new', 7),
    );

    expect(asked).toEqual(['SELECT', 'INSERT']);
    expect(await viewOf('new')).toMatchObject({ units: 7, grams: -7 });
  });

  it('is added to the stored row if the same batch gives all that a new row needs', async () => {
    await apply(packed('known'));
    expect(await apply(added('known', 2), labelled('known'))).toEqual(['SELECT', 'INSERT']);
    expect(await viewOf('known')).toMatchObject({ label: 'new', units: 12 });
  });

  it('starts from the initial value in a row of an earlier release, which has none', async () => {
    await checkTables(database.sql, [projection.checked]);
    await database.sql.query("INSERT INTO crate (id, label) VALUES ('old', 'packed')");
    const asked = await apply(added('old', 4), lightened('old', 7));

    expect(asked).toEqual(['UPDATE']);
    expect(await viewOf('old')).toMatchObject({ units: 4, grams: -7 });
  });

  it('gives the row that functions would give, however the events are divided into batches', async () => {
    let row = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(everyStep, { maxLength: 5 }), { maxLength: 5 }), async (batches) => {
        const id = `random ${row++}`;
        let model: Model = null;
        for (const batch of batches) {
          const events = batch.map((step) => {
            const event = eventOf(id, step, model);
            model = after(model, event);
            return event;
          });
          await apply(...events);
        }
        expect(await viewOf(id)).toEqual(model === null ? undefined : { id, ...(model as object) });
      }),
      { numRuns: 60 },
    );
  });

  it('does not create a row', async () => {
    await expect(apply(added('missing', 1))).rejects.toThrow(
      'crate: Added changes row missing, which does not exist; a new row needs label as well',
    );
    const removed = apply(packed('gone'), { type: 'Removed', id: 'gone' }, added('gone', 1));
    await expect(removed).rejects.toMatchObject({ code: 'projection_row_missing' });
  });
});
