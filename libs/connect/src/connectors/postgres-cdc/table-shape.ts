import { setField } from '../../record/fields.ts';
import { ConnectError } from '../../plugin/connect-error.ts';
import type { ConnectSchema, StructSchema } from '../../record/connect-schema.ts';
import type { TableFacts } from './catalog.ts';
import { envelopeSchema } from './envelope.ts';
import type { OldTuple, Relation, Tuple } from './pgoutput.ts';
import type { CaptureSettings } from './settings.ts';
import { messageKeyOf, nameOf, type TableSelection } from './table-selection.ts';
import { unavailableValue, type ColumnType } from './types/column-type.ts';
import type { DatabaseTypes } from './types/database-types.ts';
import { columnType } from './types/debezium-types.ts';

export type Row = Readonly<Record<string, unknown>>;

interface Column {
  /** The index of the column in the tuples of the relation. */
  readonly index: number;
  readonly name: string;
  readonly type: ColumnType;
  readonly optional: boolean;
  readonly schema: ConnectSchema;
  /** The value for an old row that has only a key, where PostgreSQL does not send this column. */
  readonly absent: unknown;
}

export interface ShapeOptions {
  readonly types: DatabaseTypes;
  readonly settings: CaptureSettings;
  readonly selection: TableSelection;
}

/** Turns the rows of a relation into values. It makes each schema once, for all records. */
export class TableShape {
  readonly relation: Relation;
  readonly topic: string;
  readonly keySchema: StructSchema;
  readonly envelopeSchema: StructSchema;
  /** The columns that the connector leaves out because their types have no counterpart in Debezium. */
  readonly leftOut: readonly string[];
  readonly #columns: readonly Column[];
  readonly #key: readonly Column[];
  readonly #placeholder: string;

  constructor(relation: Relation, facts: TableFacts, { types, settings, selection }: ShapeOptions) {
    const wanted = relation.columns.map((column, index) => ({ ...column, index }));
    const columns = wanted
      .filter(({ name }) => !selection.excludesColumn(relation, name))
      .map(({ name, typeOid, modifier, index }) => ({
        name,
        index,
        type: columnType(typeOid, modifier, types, settings),
        fact: facts.columns.get(name),
      }));
    this.relation = relation;
    this.topic = [settings.prefix, relation.schema, relation.table].join('.').replace(/[^\w.-]/g, '_');
    this.leftOut = columns.filter(({ type }) => type === undefined).map(({ name }) => name);
    this.#columns = columns.flatMap(({ type, fact, ...column }) =>
      type === undefined
        ? []
        : toColumn({ ...column, type, notNull: fact?.notNull ?? false, default: fact?.default }),
    );
    this.#key = messageKeyOf(facts, selection).map((name) => this.#keyColumn(name));
    this.#placeholder = settings.placeholder;
    const named = settings.avroNames ? this.topic.replaceAll(/^[^A-Za-z_]|[^\w.]/g, '_') : this.topic;
    this.keySchema = struct(`${named}.Key`, this.#key, false);
    this.envelopeSchema = envelopeSchema(named, struct(`${named}.Value`, this.#columns, true));
  }

  #keyColumn(name: string): Column {
    const column = this.#columns.find((each) => each.name === name);
    if (column !== undefined) return column;
    throw new ConnectError(
      `column ${name} of ${nameOf(this.relation)} is a part of its key, but it is left out or does not exist: ` +
        'correct column.exclude.list or message.key.columns',
    );
  }

  /** Makes a row. `old` supplies the large values that the change has not touched. */
  row(tuple: Tuple, old?: OldTuple): Row {
    const row: Record<string, unknown> = {};
    for (const column of this.#columns) setField(row, column.name, this.#value(column, tuple, old));
    return row;
  }

  key(tuple: Tuple, old?: OldTuple): Row {
    const key: Record<string, unknown> = {};
    for (const column of this.#key) setField(key, column.name, this.#value(column, tuple, old));
    return key;
  }

  changesKey(before: OldTuple, after: Tuple): boolean {
    return this.#key.some(
      ({ index }) => after[index] !== undefined && before.columns[index] !== after[index],
    );
  }

  #value(column: Column, tuple: Tuple, old: OldTuple | undefined): unknown {
    const sent = tuple[column.index];
    const text = sent === undefined ? oldText(column, old) : sent;
    try {
      if (text === null) return column.absent;
      if (text === undefined) return unavailableValue(column.type, this.#placeholder, column.name);
      return column.type.parse(text);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConnectError(`${nameOf(this.relation)}.${column.name}: ${reason}`, { cause });
    }
  }
}

/** An old row that has only a key does not tell the values of other columns. */
function oldText({ index }: Column, old: OldTuple | undefined): string | null | undefined {
  const text = old?.columns[index];
  return text === null && old?.whole !== true ? undefined : text;
}

interface ColumnParts {
  readonly name: string;
  readonly index: number;
  readonly type: ColumnType;
  readonly notNull: boolean;
  readonly default: string | undefined;
}

function toColumn({ name, index, type, notNull, default: expression }: ColumnParts): Column {
  const known = constantOf(expression, type);
  const fallback = known ?? (expression !== undefined && notNull ? type.zero : undefined);
  return {
    name,
    index,
    type,
    optional: !notNull,
    schema: { ...type.schema, optional: !notNull, ...(fallback !== undefined && { default: fallback }) },
    absent: notNull ? (fallback ?? type.zero) : null,
  };
}

/** Returns the value of a default that is a constant. */
function constantOf(expression: string | undefined, type: ColumnType): unknown {
  const constant =
    /^(?:'((?:[^']|'')*)'(?:::[^()]+(?:\(\d+(?:,\d+)?\))?)?|(-?\d+(?:\.\d+)?)|\((-\d+(?:\.\d+)?)\)|(true|false))$/.exec(
      expression ?? '',
    );
  if (constant === null) return undefined;
  const text =
    constant[1]?.replaceAll("''", "'") ?? constant[2] ?? constant[3] ?? constant[4]?.slice(0, 1) ?? '';
  try {
    return type.parse(text);
  } catch {
    return undefined; // such as 'now'::timestamp
  }
}

const struct = (name: string, columns: readonly Column[], optional: boolean): StructSchema => ({
  type: 'struct',
  name,
  optional,
  fields: columns.map((column) => ({ field: column.name, schema: column.schema })),
});
