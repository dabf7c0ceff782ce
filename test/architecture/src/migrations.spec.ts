import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { filesEndingIn, readText } from './workspace.ts';

interface MigrationFile {
  readonly path: string;
  readonly sql: string;
}

/**
 * Migrations with such a name remove what the previous release used. The previous release refuses
 * to start on them.
 */
const contracts = /\/\d{4}-contract-[a-z0-9-]+\.sql$/;

const withoutWords = (sql: string): string =>
  sql.replaceAll(/--.*$/gm, '').replaceAll(/'(?:[^']|'')*'/g, "''");

const takesAway: ReadonlyArray<readonly [string, RegExp]> = [
  ['drops what the previous release may use', /\bDROP\s+(?!NOT\s+NULL\b)\w+/i],
  ['renames what the previous release may use', /\bRENAME\b/i],
  ['changes a type that the previous release may use', /\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b/i],
  ['requires a value that the previous release does not write', /\bSET\s+NOT\s+NULL\b/i],
  [
    'adds a constraint that the previous release does not know',
    /\bADD\s+(CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b/i,
  ],
  ['deletes what the previous release may use', /\bTRUNCATE\b/i],
];

/** Each column that is added to a table, from its name up to the next comma or semicolon. */
const addedColumns = (sql: string): readonly string[] =>
  [
    ...sql.matchAll(
      /\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?!CONSTRAINT\b|CHECK\b|UNIQUE\b|PRIMARY\b|FOREIGN\b|EXCLUDE\b)((?:[^,;()]|\([^()]*\))+)/gi,
    ),
  ].map(([, column = '']) => column.trim());

const leavesEmpty = (column: string): boolean =>
  /\bNOT\s+NULL\b/i.test(column) && !/\b(DEFAULT|GENERATED)\b/i.test(column);

function problemsOf({ path, sql }: MigrationFile): readonly string[] {
  if (contracts.test(path)) return [];
  const statements = withoutWords(sql);
  const remedy =
    'a migration may only add, so that the previous release keeps working; remove what is no longer used one release later';
  return [
    ...takesAway
      .filter(([, pattern]) => pattern.test(statements))
      .map(([what]) => `${path}: ${what}: ${remedy}`),
    ...addedColumns(statements)
      .filter(leavesEmpty)
      .map((column) => `${path}: ${column.split(/\s/)[0]} is NOT NULL without a default: ${remedy}`),
  ];
}

const migrations: readonly MigrationFile[] = ['libs', 'apps']
  .flatMap((group) => filesEndingIn('.sql', group))
  .filter((path) => path.includes('/migrations/'))
  .map((path) => ({ path, sql: readText(path) }));

describe('migrations', () => {
  it('R09 leave the previous release everything that it uses', () => {
    expect(migrations.length).toBeGreaterThan(0);
    expect(withoutExceptions('migrations only add', migrations.flatMap(problemsOf))).toEqual([]);
  });

  it.each([
    ['ALTER TABLE outbox DROP COLUMN headers;', 'drops'],
    ['DROP FUNCTION record_events;', 'drops'],
    ['ALTER TABLE event ALTER COLUMN data DROP DEFAULT;', 'drops'],
    ['ALTER TABLE outbox RENAME COLUMN id TO message_id;', 'renames'],
    ['ALTER TABLE event ALTER COLUMN version TYPE integer;', 'changes a type'],
    ['ALTER TABLE event ALTER personal SET NOT NULL;', 'requires'],
    ['ALTER TABLE outbox ADD UNIQUE (id);', 'adds a constraint'],
    ['ALTER TABLE outbox ADD COLUMN tracestate text NOT NULL;', 'tracestate is NOT NULL without a default'],
    [
      "ALTER TABLE outbox ADD a text DEFAULT '', ADD sum numeric(10, 2) NOT NULL;",
      'sum is NOT NULL without a default',
    ],
  ])('are reported for %s', (sql, problem) => {
    const path = 'libs/saga/migrations/0009-new.sql';

    expect(problemsOf({ path, sql })).toEqual([expect.stringContaining(`${path}: ${problem}`)]);
    expect(problemsOf({ path: 'libs/saga/migrations/0009-contract-old.sql', sql })).toEqual([]);
  });

  it.each([
    'ALTER TABLE outbox ADD COLUMN tracestate text;',
    "ALTER TABLE outbox ADD COLUMN kind text NOT NULL DEFAULT 'event' CHECK (kind <> 'x');",
    'ALTER TABLE notification ALTER COLUMN sent_at DROP NOT NULL;',
    '-- DROP nothing\nCREATE TABLE item (name text NOT NULL UNIQUE);',
    "EXECUTE format('DROP TABLE %I', child);",
  ])('are not reported for %s', (sql) => {
    expect(problemsOf({ path: 'libs/saga/migrations/0009-new.sql', sql })).toEqual([]);
  });
});
