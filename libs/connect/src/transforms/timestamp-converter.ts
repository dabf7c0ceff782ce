import { remembered } from '../converters/converter.ts';
import type { ConnectConfig } from '../plugin/setting.ts';
import type { ConnectSchema, PrimitiveSchema, StructSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';
import { fieldIn } from '../record/fields.ts';
import { dateFormat, type DateFormat } from './date-format.ts';
import { fieldsOf, ofKeyAndValue, structSchemaOf, text } from './record-part.ts';

const types = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const;
type TimeType = (typeof types)[number];

const dayMs = 86_400_000;
const data = 'org.apache.kafka.connect.data';
const nsPerMs = 1_000_000n;
/** The units of Unix time in nanoseconds, of which a double would lose digits. */
const units = {
  seconds: 1_000_000_000n,
  milliseconds: nsPerMs,
  microseconds: 1_000n,
  nanoseconds: 1n,
} as const;

const schemas: Readonly<Record<TimeType, Pick<PrimitiveSchema, 'type' | 'name' | 'version'>>> = {
  string: { type: 'string' },
  unix: { type: 'int64' },
  Date: { type: 'int32', name: `${data}.Date`, version: 1 },
  Time: { type: 'int32', name: `${data}.Time`, version: 1 },
  Timestamp: { type: 'int64', name: `${data}.Timestamp`, version: 1 },
};

/** Converts times between text, Unix time and Connect's own types. */
export const timestampConverter = ofKeyAndValue({
  class: 'org.apache.kafka.connect.transforms.TimestampConverter',
  settings: [
    text('field', 'The field with the time. Empty: the whole key or value is the time.', {
      default: '',
      importance: 'HIGH',
    }),
    text('target.type', 'What the time becomes.', { values: types, importance: 'HIGH' }),
    text('format', "The pattern of text, as of Java's SimpleDateFormat.", {
      default: '',
      check: (pattern, config) => {
        if (pattern === '')
          return config['target.type'] === 'string'
            ? 'TimestampConverter requires format option to be specified when using string timestamps'
            : undefined;
        return dateFormat(pattern)
          ? undefined
          : `${pattern}: use the letters y, M, d, H, m, s, S, X and Z, others in quotes`;
      },
    }),
    text('unix.precision', 'The unit of Unix time.', {
      default: 'milliseconds',
      values: Object.keys(units),
      importance: 'LOW',
    }),
    text('replace.null.with.default', 'Whether a null field with a default becomes the default.', {
      type: 'BOOLEAN',
      default: 'true',
    }),
  ],
  create(config) {
    const field = config['field'] ?? '';
    const convert = converterOf(config);
    const schemaOf = remembered((schema: ConnectSchema) => targetSchema(schema, config, field));
    return (given) => {
      const { schema, value } = given;
      if (value === null) return given;
      if (field === '') return { ...(schema && { schema: schemaOf(schema) }), value: convert(value, schema) };
      const fields = fieldsOf(given, 'formatting timestamps');
      const own = schema && structSchemaOf(schema).fields.find((one) => one.field === field)?.schema;
      const changed = { ...fields, [field]: convert(fieldIn(fields, field) ?? null, own) };
      return { ...(schema && { schema: schemaOf(schema) }), value: changed };
    };
  },
});

function targetSchema(schema: ConnectSchema, config: ConnectConfig, field: string): ConnectSchema {
  const target = schemas[config['target.type'] as TimeType];
  if (field === '') return { ...target, optional: schema.optional };
  const struct: StructSchema = structSchemaOf(schema);
  return {
    ...struct,
    fields: struct.fields.map((one) =>
      one.field === field ? { field, schema: { ...target, optional: one.schema.optional } } : one,
    ),
  };
}

function converterOf(config: ConnectConfig): (value: unknown, schema: ConnectSchema | undefined) => unknown {
  const target = config['target.type'] as TimeType;
  const format = dateFormat(config['format'] ?? '');
  const unit = units[config['unix.precision'] as keyof typeof units];
  return (value, schema) => {
    if (value === null) return null;
    const timeMs = millisecondsOf(value, schema, format, unit);
    const plain = schema === undefined;
    const long = (count: bigint) => (plain && Number.isSafeInteger(Number(count)) ? Number(count) : count);
    switch (target) {
      case 'string':
        return format!.format(timeMs);
      case 'unix':
        return long((BigInt(timeMs) * nsPerMs) / unit);
      case 'Date':
        return Math.floor(timeMs / dayMs);
      case 'Time':
        return ((timeMs % dayMs) + dayMs) % dayMs;
      case 'Timestamp':
        return long(BigInt(timeMs));
    }
  };
}

function millisecondsOf(
  value: unknown,
  schema: ConnectSchema | undefined,
  format: DateFormat | undefined,
  unit: bigint,
): number {
  if (typeof value === 'string') {
    const timeMs = format?.parse(value);
    if (timeMs !== undefined) return timeMs;
    throw new DataError(`Could not parse timestamp: value (${value}) does not match pattern`);
  }
  if (typeof value !== 'bigint' && !Number.isInteger(value))
    throw new DataError(`TimestampConverter does not support ${typeof value} ${String(value)} as source`);
  if (schema?.name === schemas.Date.name) return Number(value) * dayMs;
  if (schema?.name === schemas.Time.name || schema?.name === schemas.Timestamp.name) return Number(value);
  return Number((BigInt(value as number) * unit) / nsPerMs);
}
