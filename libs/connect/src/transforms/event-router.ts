import type { TransformKind } from '../plugin/transform.ts';
import { checkExpression, checkReplacement, replacing } from '../plugin/expression.ts';
import { listOf, type ConnectConfig } from '../plugin/setting.ts';
import type { ConnectSchema, StructSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';
import type { ConnectHeader } from '../record/records.ts';
import { envelopeOf } from './extract-new-record-state.ts';
import { fieldSchema, structSchemaOf, text, type Fields } from './record-part.ts';

/** A column of the outbox that goes into a header, into the value or into the choice of the partition. */
interface Placement {
  readonly column: string;
  readonly place: string;
  readonly name: string;
}

const places = ['header', 'headers', 'envelope', 'partition'];

/**
 * Debezium's `EventRouter`. It turns the rows that are inserted into an outbox into messages of the topics
 * that they name. Beyond Debezium, the placement `headers` turns each entry of a column with a JSON object
 * into a header, except for nulls. It replaces a header of the same name.
 */
export const eventRouter: TransformKind = {
  class: 'io.debezium.transforms.outbox.EventRouter',
  settings: [
    text('table.field.event.id', 'The column with the id of the message, for the header id.', {
      default: 'id',
    }),
    text('table.field.event.key', 'The column with the key.', { default: 'aggregateid' }),
    text('table.field.event.payload', 'The column with the value.', { default: 'payload' }),
    text('table.field.event.timestamp', 'A column with the time of the record, in milliseconds.', {
      default: '',
    }),
    text(
      'table.fields.additional.placement',
      'Further columns: COLUMN:header|headers|envelope|partition[:NAME],...',
      {
        type: 'LIST',
        default: '',
        check: (value) =>
          placements(value).every(({ place }) => places.includes(place))
            ? undefined
            : `a column goes into one of ${places.join(', ')}`,
      },
    ),
    text(
      'table.field.event.headers.only.if.null',
      'A column: a row with null there gets only the headers of the placement headers.',
      { default: '' },
    ),
    text('route.by.field', 'The column that names the topic.', { default: 'aggregatetype' }),
    text('route.topic.regex', 'What is taken of its value.', {
      default: '(?<routedByValue>.*)',
      check: checkExpression,
    }),
    text('route.topic.replacement', 'The topic.', {
      default: 'outbox.event.${routedByValue}',
      check: (value, config) => checkReplacement(config['route.topic.regex'] ?? '', value),
    }),
    text('route.tombstone.on.empty.payload', 'Whether an empty value becomes a tombstone.', {
      type: 'BOOLEAN',
      default: 'false',
    }),
    text(
      'table.op.invalid.behavior',
      'What becomes of an update, which no outbox has: error and fatal fail.',
      {
        default: 'warn',
        values: ['warn', 'error', 'fatal'],
      },
    ),
  ],
  ignored: ['table.field.event.type', 'table.expand.json.payload.*', 'tracing.*'],
  create(config) {
    const additional = placements(config['table.fields.additional.placement']);
    const topicOf = router(config);
    const valueOf = valueMaker(config, additional);
    const headersOf = headerMaker(config, additional);
    const key = config['table.field.event.key'] ?? '';
    const timestamp = config['table.field.event.timestamp'] ?? '';
    const partition = additional.find(({ place }) => place === 'partition')?.column;
    return {
      apply(record) {
        if (record.value.value === null) return undefined;
        const envelope = envelopeOf(record);
        if (envelope === undefined) return record;
        const operation = envelope.fields['op'];
        if (operation === 'u') refuseUpdate(config['table.op.invalid.behavior']);
        const row = envelope.fields['after'] as Fields | null;
        if (row === null || operation === 'u') return undefined;
        const schema = structSchemaOf(fieldSchema(envelope.schema, 'after'));
        return {
          ...record,
          topic: topicOf(row),
          key: row[key] == null ? { value: null } : { schema: fieldSchema(schema, key), value: row[key] },
          value: valueOf(schema, row),
          headers: headersOf(record.headers, schema, row),
          timestampMs: Number(timestamp === '' ? envelope.fields['ts_ms'] : row[timestamp]),
          ...(partition !== undefined && { partition: Number(row[partition]) }),
        };
      },
    };
  },
};

const placements = (text: string | undefined): readonly Placement[] =>
  listOf(text).map((entry) => {
    const [column = '', place = '', name = column] = entry.split(':');
    return { column, place, name };
  });

function refuseUpdate(behavior: string | undefined): void {
  if (behavior !== 'warn')
    throw new DataError('a row of the outbox was updated: an outbox is only inserted into');
}

function router(config: ConnectConfig): (row: Fields) => string {
  const column = config['route.by.field'] ?? '';
  const topicOf = replacing(config['route.topic.regex']!, config['route.topic.replacement'] ?? '');
  return (row) => {
    const by = row[column];
    if (typeof by !== 'string') throw new DataError(`the column ${column} of the outbox names no topic`);
    return topicOf(by);
  };
}

/** Makes the value of the message: the payload itself, or a struct if further columns go into it. */
function valueMaker(config: ConnectConfig, additional: readonly Placement[]) {
  const column = config['table.field.event.payload'] ?? '';
  const beside = additional.filter(({ place }) => place === 'envelope');
  const tombstones = config['route.tombstone.on.empty.payload'] === 'true';
  const made = new WeakMap<ConnectSchema, StructSchema>();
  const envelopeSchema = (row: StructSchema): StructSchema => {
    const schema = made.get(row) ?? {
      type: 'struct',
      optional: false,
      fields: [
        { field: 'payload', schema: fieldSchema(row, column) },
        ...beside.map(({ column: from, name }) => ({ field: name, schema: fieldSchema(row, from) })),
      ],
    };
    made.set(row, schema);
    return schema;
  };
  return (schema: StructSchema, row: Fields) => {
    const payload = row[column] ?? null;
    if (tombstones && (payload === null || payload === '')) return { value: null };
    if (beside.length === 0)
      return payload === null ? { value: null } : { schema: fieldSchema(schema, column), value: payload };
    const further = Object.fromEntries(beside.map(({ column: from, name }) => [name, row[from] ?? null]));
    return { schema: envelopeSchema(schema), value: { payload, ...further } };
  };
}

const textSchema: ConnectSchema = { type: 'string', optional: false };
const absentSchema: ConnectSchema = { type: 'string', optional: true };

/** Makes the headers of a message: those that the record has, the id, and what the row places there. */
function headerMaker(config: ConnectConfig, additional: readonly Placement[]) {
  const id = config['table.field.event.id'] ?? '';
  const needed = config['table.field.event.headers.only.if.null'] ?? '';
  return (before: readonly ConnectHeader[], schema: StructSchema, row: Fields): readonly ConnectHeader[] => {
    const own = additional.flatMap(({ column, place }) =>
      place === 'headers' ? entriesOf(row[column]) : [],
    );
    if (needed !== '' && row[needed] == null) return own;
    const names = new Set(own.map(({ key }) => key));
    const placed = additional.flatMap(({ column, place, name }): ConnectHeader[] =>
      place === 'header' && row[column] != null
        ? [{ key: name, schema: fieldSchema(schema, column), value: row[column] }]
        : [],
    );
    const others = [...before, { key: 'id', schema: fieldSchema(schema, id), value: row[id] }, ...placed];
    return [...others.filter(({ key }) => !names.has(key)), ...own];
  };
}

const entriesOf = (value: unknown): readonly ConnectHeader[] =>
  value == null
    ? []
    : Object.entries(JSON.parse(String(value)) as Record<string, unknown>).map(([key, each]) => ({
        key,
        schema: each === null ? absentSchema : textSchema,
        value: each === null ? null : String(each),
      }));
