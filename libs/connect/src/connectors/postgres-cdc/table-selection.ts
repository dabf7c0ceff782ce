import { ConnectError } from '../../plugin/connect-error.ts';
import { wholeMatch } from '../../plugin/expression.ts';
import { messageKeysOf, type CaptureSettings } from './settings.ts';

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/**
 * Internal tables of this platform's services. A pattern does not select them, so a list such as `public\..*`
 * does not publish internal data. An operator who wants one of them names it.
 */
const internalTables: ReadonlySet<string> = new Set(
  (
    'outbox inbox relay_cursor store_incarnation consumer_offset consumer_start log_cluster external_call ' +
    'parked_message dead_letter_decision operator_action checkpoint event event_type stream stream_snapshot ' +
    'saga_instance saga_timer saga_hold idempotency_key subject subject_key keys_identity keys_database'
  ).split(' '),
);

/** A table that every database of such a service has. */
const platformTable = 'store_incarnation';

type Matches = (name: string) => boolean;

const matching = (pattern: string): Matches => wholeMatch(pattern, { ignoresCase: true });

type Selecting = Pick<
  CaptureSettings,
  'tablesIncluded' | 'tablesExcluded' | 'columnsExcluded' | 'messageKeys'
>;

/**
 * Decides which tables and columns the lists select. Patterns match whole names and ignore case, as in
 * Debezium.
 */
export class TableSelection {
  readonly #included: readonly Matches[];
  readonly #named: ReadonlySet<string>;
  readonly #excluded: readonly Matches[];
  readonly #columnsExcluded: readonly Matches[];
  readonly #keys: readonly { readonly table: Matches; readonly columns: readonly string[] }[];

  constructor({ tablesIncluded, tablesExcluded, columnsExcluded, messageKeys }: Selecting) {
    this.#included = tablesIncluded.map(matching);
    this.#named = new Set(tablesIncluded.map((entry) => entry.replaceAll('\\.', '.')));
    this.#excluded = tablesExcluded.map(matching);
    this.#columnsExcluded = columnsExcluded.map(matching);
    this.#keys = messageKeysOf(messageKeys).map(({ tables, columns }) => ({
      table: matching(tables),
      columns,
    }));
  }

  /** Divides the tables into those to capture and internal ones that only a pattern names. */
  divide<Table extends TableName>(tables: readonly Table[]): { captured: Table[]; internal: Table[] } {
    const platforms = new Set(
      tables.filter(({ table }) => table === platformTable).map(({ schema }) => schema),
    );
    const selected = tables.filter((table) => this.#matches(table));
    const isInternal = (table: Table) =>
      platforms.has(table.schema) && internalTables.has(table.table) && !this.#named.has(nameOf(table));
    return {
      captured: selected.filter((table) => !isInternal(table)),
      internal: selected.filter(isInternal),
    };
  }

  excludesColumn(table: TableName, column: string): boolean {
    const name = `${nameOf(table)}.${column}`;
    return this.#columnsExcluded.some((matches) => matches(name));
  }

  /** Returns the columns that `message.key.columns` names for the table, if it names any. */
  keyOf(table: TableName): readonly string[] | undefined {
    return this.#keys.find((entry) => entry.table(nameOf(table)))?.columns;
  }

  #matches(table: TableName): boolean {
    const name = nameOf(table);
    return (
      this.#included.some((matches) => matches(name)) && !this.#excluded.some((matches) => matches(name))
    );
  }
}

export const nameOf = ({ schema, table }: TableName): string => `${schema}.${table}`;

export interface KeyFacts extends TableName {
  readonly primaryKey: readonly string[];
  /** The replica identity: `d` the primary key, `n` nothing, `f` the whole row, `i` an index. */
  readonly identity: string;
  readonly identityColumns: readonly string[];
}

/**
 * Returns the columns of a table's message key. Throws if the table has no key, or if its changes cannot be
 * published.
 */
export function messageKeyOf(table: KeyFacts, selection: TableSelection): readonly string[] {
  const name = nameOf(table);
  const key = selection.keyOf(table) ?? table.primaryKey;
  if (key.length === 0)
    throw new ConnectError(
      `table ${name} has no primary key, so its records would have no key: add one, name columns in ` +
        `message.key.columns (with ALTER TABLE ${name} REPLICA IDENTITY FULL), or leave the table out ` +
        'with table.exclude.list',
    );
  const sent = table.identity === 'd' ? table.primaryKey : table.identityColumns;
  if (table.identity !== 'f' && !key.every((column) => sent.includes(column)))
    throw new ConnectError(
      `a delete in ${name} would not tell ${key.join(', ')}, and PostgreSQL refuses updates of ` +
        `published tables without a replica identity: ALTER TABLE ${name} REPLICA IDENTITY FULL`,
    );
  return key;
}
