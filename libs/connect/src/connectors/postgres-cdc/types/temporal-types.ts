import type { PrimitiveType } from '../../../record/connect-schema.ts';
import type { IntervalMode, TimeMode } from '../settings.ts';
import type { ColumnType } from './column-type.ts';
import {
  approximateMicroseconds,
  daysOf,
  formatInstant,
  formatInterval,
  formatZonedTime,
  microsecondsOf,
  parseInterval,
  timeMicrosecondsOf,
} from './temporal.ts';

const named = (
  type: PrimitiveType,
  name: string,
  parse: (text: string) => unknown,
  zero: unknown,
): ColumnType => ({ schema: { type, optional: false, name, version: 1 }, parse, zero });

type ByModifier = (modifier: number) => ColumnType;

/** The types of dates and times by their names in PostgreSQL. */
export const temporalTypes = (mode: TimeMode): Readonly<Record<string, ByModifier | undefined>> =>
  mode === 'adaptive' ? adaptive : connect;

/** The digits after the second. A column without a modifier keeps six. */
const digitsOf = (modifier: number): number => (modifier < 0 ? 6 : modifier);

const zoned = {
  timestamptz: (modifier: number) =>
    named(
      'string',
      'io.debezium.time.ZonedTimestamp',
      (text) => (isInfinite(text) ? text : formatInstant(text, digitsOf(modifier))),
      '1970-01-01T00:00:00.000000Z',
    ),
  timetz: () => named('string', 'io.debezium.time.ZonedTime', formatZonedTime, '00:00:00Z'),
};

const adaptive: Readonly<Record<string, ByModifier>> = {
  ...zoned,
  date: () => named('int32', 'io.debezium.time.Date', days, 0),
  time: (modifier) =>
    digitsOf(modifier) <= 3
      ? named('int32', 'io.debezium.time.Time', timeMilliseconds, 0)
      : named('int64', 'io.debezium.time.MicroTime', timeMicrosecondsOf, 0n),
  timestamp: (modifier) =>
    digitsOf(modifier) <= 3
      ? named('int64', 'io.debezium.time.Timestamp', milliseconds, 0n)
      : named('int64', 'io.debezium.time.MicroTimestamp', microseconds, 0n),
};

const connect: Readonly<Record<string, ByModifier>> = {
  ...zoned,
  date: () => named('int32', 'org.apache.kafka.connect.data.Date', days, 0),
  time: () => named('int32', 'org.apache.kafka.connect.data.Time', timeMilliseconds, 0),
  timestamp: () => named('int64', 'org.apache.kafka.connect.data.Timestamp', milliseconds, 0n),
};

const isInfinite = (text: string): boolean => text.endsWith('infinity');

/** The value that Debezium writes for `infinity`, and its negative for `-infinity`. */
const infinityUs = 9_223_372_036_825_200_000n;
const minusInfinityUs = -9_223_372_036_832_400_000n;

const microseconds = (text: string): bigint => {
  if (!isInfinite(text)) return microsecondsOf(text);
  return text.startsWith('-') ? minusInfinityUs : infinityUs;
};

const milliseconds = (text: string): bigint => {
  const value = microseconds(text);
  const rest = ((value % 1_000n) + 1_000n) % 1_000n;
  return (value - rest) / 1_000n;
};

const timeMilliseconds = (text: string): number => Number(timeMicrosecondsOf(text) / 1_000n);

const days = (text: string): number => {
  if (!isInfinite(text)) return daysOf(text);
  return text.startsWith('-') ? -2_147_483_648 : 2_147_483_647;
};

export function intervalType(mode: IntervalMode): ColumnType {
  if (mode === 'string')
    return named(
      'string',
      'io.debezium.time.Interval',
      (text) => formatInterval(parseInterval(text)),
      'P0Y0M0DT0H0M0S',
    );
  return named(
    'int64',
    'io.debezium.time.MicroDuration',
    (text) => approximateMicroseconds(parseInterval(text)),
    0n,
  );
}
