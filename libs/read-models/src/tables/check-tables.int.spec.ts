import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { checkTables } from './check-tables.ts';
import { instant, integer, type EntityClass } from './columns.ts';
import { RowTable } from './row-table.ts';

class AnyShelf {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column({ ...integer, default: 0 })
  units!: number;

  @Column({ ...integer, nullable: true })
  price!: number | null;

  @Column({ ...instant, nullable: true, name: 'seen' })
  seenAt!: string | null;

  @Column('jsonb')
  tags!: { all: readonly string[] };

  @Column('text', { nullable: true })
  note!: string | null;
}
@Entity('shelf')
class Shelf extends AnyShelf {}
@Entity('other_shelf')
class OtherShelf extends AnyShelf {}
@Entity('no_shelf')
class NoShelf extends AnyShelf {}

const checkedTable = (entity: EntityClass) => ({ table: new RowTable(entity), severalTopics: false });

const table = `
  CREATE TABLE shelf (
    sku text PRIMARY KEY,
    name text NOT NULL,
    units bigint NOT NULL,
    price bigint,
    seen timestamptz,
    tags jsonb NOT NULL,
    note text
  )`;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql.query(table);
});
afterAll(() => database.drop());

describe('the check of tables against entities', () => {
  it('accepts a table as declared, even with columns that a later release has added', async () => {
    await checkTables(database.sql, [checkedTable(Shelf)]);
    await database.sql.query('ALTER TABLE shelf ADD COLUMN later text');
    await checkTables(database.sql, [checkedTable(Shelf)]);
  });

  it('names every difference', async () => {
    await database.sql.query(`
      CREATE TABLE other_shelf (
        sku text, name text, units text NOT NULL, price bigint NOT NULL, tags jsonb NOT NULL, unknown text NOT NULL
      )`);
    const found = await checkTables(database.sql, [OtherShelf, NoShelf].map(checkedTable)).catch(
      (error: unknown) => String(error),
    );
    expect(
      String(found)
        .split(/(?:differ: |; )/)
        .slice(1),
    ).toEqual([
      'other_shelf.sku is not the primary key',
      'other_shelf.name may be NULL, but the entity requires it',
      'other_shelf.units is text, but the entity has bigint',
      'other_shelf.price is NOT NULL, but the entity may leave it empty',
      'other_shelf has no column seen',
      'other_shelf has no column note',
      'other_shelf.unknown is NOT NULL, but the entity does not have it',
      'there is no table no_shelf',
    ]);
  });
});
