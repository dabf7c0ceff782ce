/** A type as `pg_type` describes it. */
export interface DatabaseType {
  readonly oid: number;
  readonly name: string;
  /** `b` base, `d` domain, `e` enum, `r` range and so on. */
  readonly kind: string;
  /** `A` for arrays. */
  readonly category: string;
  /** The type of an array's items, or 0. */
  readonly element: number;
  /** The type under a domain, or 0. */
  readonly base: number;
  /** The modifier of a domain. */
  readonly modifier: number;
  /** The labels of an enum in their order. */
  readonly labels: readonly string[];
}

export type DatabaseTypes = ReadonlyMap<number, DatabaseType>;

/** Reads all types except those of the rows of tables. */
export const databaseTypesStatement = `
  SELECT t.oid::int8::text AS oid, typname AS name, typtype AS kind, typcategory AS category,
    typelem::int8::text AS element, typbasetype::int8::text AS base, typtypmod::text AS modifier,
    coalesce((SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum
      WHERE enumtypid = t.oid), '[]')::text AS labels
  FROM pg_type AS t WHERE typtype <> 'c'`;

export interface DatabaseTypeRow {
  readonly oid: string;
  readonly name: string;
  readonly kind: string;
  readonly category: string;
  readonly element: string;
  readonly base: string;
  readonly modifier: string;
  readonly labels: string;
}

export const toDatabaseTypes = (rows: readonly DatabaseTypeRow[]): DatabaseTypes =>
  new Map(
    rows.map((row) => [
      Number(row.oid),
      {
        oid: Number(row.oid),
        name: row.name,
        kind: row.kind,
        category: row.category,
        element: Number(row.element),
        base: Number(row.base),
        modifier: Number(row.modifier),
        labels: JSON.parse(row.labels) as readonly string[],
      },
    ]),
  );
