import type { ConnectSchema } from '../record/connect-schema.ts';

/**
 * A semantic type of Connect or Debezium, with its type in PostgreSQL and its value as PostgreSQL writes it.
 */
export interface LogicalType {
  readonly sql: string;
  readonly text: (value: unknown, schema: ConnectSchema) => string;
}

const connect = 'org.apache.kafka.connect.data.';
const debeziumTime = 'io.debezium.time.';
const debeziumData = 'io.debezium.data.';
const millisecondsPerDay = 86_400_000n;

const asItIs = (value: unknown): string => String(value);

const timesOf = (perSecond: bigint) => ({
  sql: 'time',
  text: (value: unknown) => timeText(BigInt(value as bigint | number), perSecond),
});
const timestampsOf = (perSecond: bigint) => ({
  sql: 'timestamp',
  text: (value: unknown) => timestampText(BigInt(value as bigint | number), perSecond),
});
const date: LogicalType = {
  sql: 'date',
  text: (value) => dateText(BigInt(value as number)),
};

const logicalTypes: Readonly<Record<string, LogicalType>> = {
  [`${connect}Decimal`]: {
    sql: 'numeric',
    text: (value, schema) => decimalText(value as Buffer, Number(schema.parameters?.scale ?? 0)),
  },
  [`${connect}Date`]: date,
  [`${connect}Time`]: timesOf(1_000n),
  [`${connect}Timestamp`]: timestampsOf(1_000n),
  [`${debeziumTime}Date`]: date,
  [`${debeziumTime}Time`]: timesOf(1_000n),
  [`${debeziumTime}MicroTime`]: timesOf(1_000_000n),
  [`${debeziumTime}NanoTime`]: timesOf(1_000_000_000n),
  [`${debeziumTime}Timestamp`]: timestampsOf(1_000n),
  [`${debeziumTime}MicroTimestamp`]: timestampsOf(1_000_000n),
  [`${debeziumTime}NanoTimestamp`]: timestampsOf(1_000_000_000n),
  [`${debeziumTime}ZonedTimestamp`]: { sql: 'timestamptz', text: asItIs },
  [`${debeziumTime}ZonedTime`]: { sql: 'timetz', text: asItIs },
  [`${debeziumTime}Interval`]: { sql: 'interval', text: asItIs },
  [`${debeziumTime}MicroDuration`]: { sql: 'interval', text: (value) => `${String(value)} microseconds` },
  [`${debeziumData}Json`]: { sql: 'jsonb', text: asItIs },
  [`${debeziumData}Xml`]: { sql: 'xml', text: asItIs },
  [`${debeziumData}Uuid`]: { sql: 'uuid', text: asItIs },
  [`${debeziumData}Bits`]: { sql: 'bit varying', text: bitsText },
  [`${debeziumData}VariableScaleDecimal`]: {
    sql: 'numeric',
    text: (value) => {
      const { scale, value: unscaled } = value as { scale: number; value: Buffer };
      return decimalText(unscaled, scale);
    },
  },
};

/** Returns the semantic type of a schema if the sinks know it. */
export const logicalTypeOf = (schema: ConnectSchema): LogicalType | undefined =>
  schema.name === undefined ? undefined : logicalTypes[schema.name];

/** Reads a signed, big-endian integer, as Java's BigInteger writes it. */
export const unscaledOf = (bytes: Buffer): bigint =>
  bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));

function decimalText(bytes: Buffer, scale: number): string {
  const unscaled = unscaledOf(bytes);
  if (scale <= 0) return `${unscaled}${'0'.repeat(-scale)}`;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const dateText = (day: bigint): string =>
  new Date(Number(day * millisecondsPerDay)).toISOString().slice(0, 10);

function timeText(time: bigint, perSecond: bigint): string {
  const seconds = time / perSecond;
  const clock = [seconds / 3_600n, (seconds / 60n) % 60n, seconds % 60n];
  return `${clock.map((part) => String(part).padStart(2, '0')).join(':')}.${fractionOf(time, perSecond)}`;
}

/** Formats a time in UTC with all digits of a second that its type has. */
function timestampText(time: bigint, perSecond: bigint): string {
  const seconds = (time - floorRemainder(time, perSecond)) / perSecond;
  const toTheSecond = new Date(Number(seconds) * 1_000).toISOString().slice(0, -5);
  return `${toTheSecond}.${fractionOf(time, perSecond)}Z`;
}

const floorRemainder = (value: bigint, divisor: bigint): bigint => ((value % divisor) + divisor) % divisor;
const fractionOf = (time: bigint, perSecond: bigint): string =>
  String(floorRemainder(time, perSecond)).padStart(String(perSecond).length - 1, '0');

/** Debezium writes bits in bytes of which the lowest comes first. */
function bitsText(value: unknown, schema: ConnectSchema): string {
  const bits = [...(value as Buffer)]
    .reverse()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const length = Number(schema.parameters?.length ?? bits.length);
  return bits.slice(-length).padStart(length, '0');
}
