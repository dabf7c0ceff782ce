/** The tables of the comparison. The rows that they begin with are read by the snapshots. */
export const tables: readonly string[] = [
  `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`,
  'CREATE TABLE account (id integer PRIMARY KEY, name varchar(40) NOT NULL, email text, notes text)',
  'CREATE TABLE whole_account (LIKE account INCLUDING ALL)',
  'ALTER TABLE whole_account REPLICA IDENTITY FULL',
  `CREATE TABLE line (order_no bigint, position smallint, sku text NOT NULL DEFAULT 'none',
    price numeric(12,4) NOT NULL DEFAULT 0, PRIMARY KEY (order_no, position))`,
  `CREATE TABLE value (id serial PRIMARY KEY, b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision,
    n numeric, n2 numeric(14,2), m money, t text, c char(6), by bytea, d date, ti time(3), titz timetz,
    ts timestamp, ts3 timestamp(3), tstz timestamptz, iv interval, u uuid, jb jsonb, mo mood,
    bits bit(5), ip inet, ai integer[], at text[], r int4range)`,
  'CREATE TABLE mark (id integer PRIMARY KEY)',
  `INSERT INTO account SELECT n, 'name ' || n, NULL, repeat('x', n) FROM generate_series(1, 25) AS n`,
  `INSERT INTO line (order_no, position, price) SELECT n / 3, n % 3, n * 1.5 FROM generate_series(1, 20) AS n`,
  'INSERT INTO mark VALUES (0)',
];

/** Statements of one transaction. */
type Transaction = readonly string[];
/**
 * Transactions between two changes of columns. Both sides catch up after each chapter, because a
 * connector reads the current columns.
 */
export type Chapter = readonly Transaction[];

/** Random chapters. Before each of them but the first, the columns of a table change. */
export function chaptersOf(random: () => number, transactions: number): readonly Chapter[] {
  const changes: readonly (readonly string[])[] = [
    [],
    [`ALTER TABLE account ADD COLUMN level integer NOT NULL DEFAULT 5`],
    ['ALTER TABLE account ALTER COLUMN name TYPE text', 'ALTER TABLE whole_account DROP COLUMN email'],
    ['ALTER TABLE line ADD COLUMN gift boolean', 'ALTER TABLE account DROP COLUMN level'],
  ];
  const writer = new RandomStatements(random);
  return changes.map((altered, chapter) => [
    ...altered.map((statement) => [statement]),
    ...Array.from({ length: Math.ceil(transactions / changes.length) }, () => writer.transaction()),
    ...(chapter === 0 ? fixed : []),
  ]);
}

const longText = `(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 400) AS n)`;

/** Cases that random statements rarely hit. */
const fixed: readonly Transaction[] = [
  [`INSERT INTO account VALUES (900, 'long', 'a', ${longText})`],
  [`INSERT INTO whole_account VALUES (900, 'long', 'a', ${longText})`],
  [`UPDATE account SET email = 'b' WHERE id = 900`, `UPDATE whole_account SET name = 'b' WHERE id = 900`],
  [`SELECT pg_logical_emit_message(true, 'note', 'in a transaction')`],
  [`SELECT pg_logical_emit_message(false, 'note', 'outside of one')`],
  ['TRUNCATE line, value'],
  [`INSERT INTO account SELECT n, 'many ' || n FROM generate_series(1001, 3000) AS n`],
  ['DELETE FROM account WHERE id > 1000'],
  ['SAVEPOINT kept', `INSERT INTO mark VALUES (-1)`, 'ROLLBACK TO kept', `INSERT INTO mark VALUES (-2)`],
  ['INSERT INTO value DEFAULT VALUES'],
];

class RandomStatements {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  transaction(): Transaction {
    const statements = Array.from({ length: 1 + this.#below(4) }, () => this.#statement());
    return this.#random() < 0.1 ? [...statements, 'ROLLBACK'] : statements;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #of<Value>(values: readonly Value[]): Value {
    return values[this.#below(values.length)]!;
  }

  #statement(): string {
    const id = this.#below(40);
    const table = this.#of(['account', 'whole_account']);
    switch (this.#below(9)) {
      case 0:
      case 1:
        return `INSERT INTO ${table} (id, name, notes) VALUES (${id}, ${this.#text()}, NULL) ON CONFLICT DO NOTHING`;
      case 2:
        return `UPDATE ${table} SET name = ${this.#text()}, notes = notes || 'y' WHERE id = ${id}`;
      case 3:
        return `DELETE FROM ${table} WHERE id = ${id}`;
      case 4:
        return `UPDATE ${table} SET id = -${id} - 1 WHERE id = ${id} AND NOT EXISTS (SELECT FROM ${table} WHERE id = -${id} - 1)`;
      case 5:
        return `INSERT INTO line (order_no, position, price) VALUES (${id}, ${this.#below(4)}, ${this.#below(1e9)} / 1e4) ON CONFLICT DO NOTHING`;
      case 6:
        return this.#random() < 0.5
          ? `DELETE FROM line WHERE order_no = ${id}`
          : `UPDATE line SET sku = ${this.#text()} WHERE order_no = ${id}`;
      default:
        return `INSERT INTO value (${Object.keys(valueOf).join(', ')}) VALUES (${Object.values(valueOf)
          .map((make) => (this.#random() < 0.2 ? 'NULL' : make(this.#random)))
          .join(', ')})`;
    }
  }

  #text(): string {
    return textOf(this.#random);
  }
}

const below = (random: () => number, limit: number): number => Math.floor(random() * limit);
const digits = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => below(random, 10)).join('');
const signed = (random: () => number, text: string): string => `${random() < 0.5 ? '-' : ''}${text}`;
const two = (random: () => number, limit: number, from = 0): string =>
  String(from + below(random, limit)).padStart(2, '0');
const dateOf = (random: () => number): string =>
  `${1_800 + below(random, 400)}-${two(random, 12, 1)}-${two(random, 28, 1)}`;
const timeOf = (random: () => number): string =>
  `${two(random, 24)}:${two(random, 60)}:${two(random, 60)}.${digits(random, 6)}`;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const textOf = (random: () => number): string =>
  quoted(['', 'Ada', 'na"me', "o'clock", 'tab\tand\nline', 'ë€😀', '\\', '  '][below(random, 8)]!);

/** A random value of each column of the table `value`. */
const valueOf: Readonly<Record<string, (random: () => number) => string>> = {
  b: (random) => String(random() < 0.5),
  i2: (random) => String(below(random, 65_536) - 32_768),
  i4: (random) => signed(random, String(below(random, 2 ** 31))),
  i8: (random) => signed(random, digits(random, 18)),
  f4: (random) => signed(random, `${random() * 10 ** below(random, 30)}`),
  f8: (random) => signed(random, `${random() * 10 ** (below(random, 600) - 300)}`),
  n: (random) =>
    signed(random, `${digits(random, 1 + below(random, 20))}.${digits(random, below(random, 12))}`),
  n2: (random) => signed(random, `${digits(random, 10)}.${digits(random, 2)}`),
  m: (random) => quoted(signed(random, `${digits(random, 6)}.${digits(random, 2)}`)),
  t: textOf,
  c: (random) => quoted(digits(random, 1 + below(random, 6))),
  by: (random) => quoted(`\\x${digits(random, 2 * below(random, 20))}`),
  d: (random) => quoted(dateOf(random)),
  ti: (random) => quoted(timeOf(random)),
  titz: (random) => quoted(`${timeOf(random)}${random() < 0.5 ? '+' : '-'}${two(random, 12)}:30`),
  ts: (random) => quoted(`${dateOf(random)} ${timeOf(random)}`),
  ts3: (random) => quoted(`${dateOf(random)} ${timeOf(random)}`),
  tstz: (random) => quoted(`${dateOf(random)} ${timeOf(random)}+${two(random, 12)}`),
  iv: (random) => quoted(`${below(random, 30)} mons ${below(random, 40)} days ${timeOf(random)}`),
  u: (random) => quoted(`${digits(random, 8)}-${digits(random, 4)}-4000-8000-${digits(random, 12)}`),
  jb: (random) =>
    quoted(`{"n": ${below(random, 1_000)}, "deep": [1, null, {"x": "y"}], "b": ${random() < 0.5}}`),
  mo: (random) => quoted(['sad', 'ok', 'happy'][below(random, 3)]!),
  bits: (random) => `B'${Array.from({ length: 5 }, () => below(random, 2)).join('')}'`,
  ip: (random) => quoted(`10.${below(random, 256)}.${below(random, 256)}.1/${8 + below(random, 25)}`),
  ai: (random) => quoted(`{${below(random, 9)},NULL,-${below(random, 9)}}`),
  at: (random) => `ARRAY[${textOf(random)}, NULL, ${textOf(random)}]::text[]`,
  r: (random) => quoted(`[${below(random, 9)},${10 + below(random, 9)})`),
};
