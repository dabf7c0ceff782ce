const daysPerEra = 146_097;

/** Counts the days from 1970-01-01 to a Gregorian date, which may be before the year 1. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysPerEra + dayOfEra - 719_468;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / daysPerEra);
  const dayOfEra = shifted - era * daysPerEra;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

const usPerDay = 86_400_000_000n;
const timestampPattern =
  /^(\d{4,6})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-]\d\d(?::\d\d)?(?::\d\d)?)?)?( BC)?$/;

export function daysOf(text: string): number {
  const parts = timestampPattern.exec(text);
  if (parts === null) throw new TypeError(`"${text}" is not a date in the ISO format`);
  return daysFromCivil(yearOf(parts), Number(parts[2]), Number(parts[3]));
}

const yearOf = (parts: RegExpExecArray): number =>
  parts[9] === undefined ? Number(parts[1]) : 1 - Number(parts[1]);

/** Returns the microseconds since 1970 in UTC of a timestamp, with or without an offset. */
export function microsecondsOf(text: string): bigint {
  const parts = timestampPattern.exec(text);
  if (parts === null) throw new TypeError(`"${text}" is not a timestamp in the ISO format`);
  const days = daysFromCivil(yearOf(parts), Number(parts[2]), Number(parts[3]));
  const seconds = Number(parts[4]) * 3_600 + Number(parts[5]) * 60 + Number(parts[6]);
  const since1970 = days * 86_400 + seconds - offsetSecondsOf(parts[8] ?? '+00');
  return BigInt(since1970) * 1_000_000n + fraction(parts[7]);
}

const fraction = (digits: string | undefined): bigint => BigInt((digits ?? '').padEnd(6, '0') || '0');

function offsetSecondsOf(text: string): number {
  if (text === '+00') return 0;
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).split(':').map(Number);
  const size = hours * 3_600 + minutes * 60 + seconds;
  return text.startsWith('-') ? -size : size;
}

/** Returns the microseconds since midnight. `24:00:00` is the end of the day. */
export function timeMicrosecondsOf(text: string): bigint {
  const parts = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?/.exec(text);
  if (parts === null) throw new TypeError(`"${text}" is not a time of day`);
  const seconds = Number(parts[1]) * 3_600 + Number(parts[2]) * 60 + Number(parts[3]);
  return BigInt(seconds) * 1_000_000n + fraction(parts[4]);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Formats an instant as `2024-02-29T10:34:56.123456Z`, with as many digits as the column keeps. */
export function formatInstant(text: string, digits: number): string {
  if (!utcPattern.test(text)) return formatMicroseconds(microsecondsOf(text), digits);
  const fraction = text.slice(20, -3).padEnd(digits, '0').slice(0, digits);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}${digits === 0 ? '' : `.${fraction}`}Z`;
}

/** The form in which PostgreSQL writes nearly all instants. */
const utcPattern = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00$/;

function formatMicroseconds(microseconds: bigint, digits: number): string {
  const days = Number((microseconds - floorMod(microseconds, usPerDay)) / usPerDay);
  const { year, month, day } = civilFromDays(days);
  const sign = year < 0 ? '-' : year > 9_999 ? '+' : '';
  const date = `${sign}${String(Math.abs(year)).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${formatTime(floorMod(microseconds, usPerDay), digits)}Z`;
}

/** Formats a time of day that has an offset in UTC, without zeros at the end. */
export function formatZonedTime(text: string): string {
  const offset = /[+-]\d\d(?::\d\d)?(?::\d\d)?$/.exec(text)?.[0] ?? '+00';
  const utc = timeMicrosecondsOf(text) - BigInt(offsetSecondsOf(offset)) * 1_000_000n;
  return `${formatTime(floorMod(utc, usPerDay), 6).replace(/\.?0+$/, '')}Z`;
}

function formatTime(microseconds: bigint, digits: number): string {
  const seconds = Number(microseconds / 1_000_000n);
  const time = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (digits === 0) return time;
  return `${time}.${String(microseconds % 1_000_000n)
    .padStart(6, '0')
    .slice(0, digits)}`;
}

const floorMod = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;

export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly microseconds: bigint;
}

/** Parses what PostgreSQL writes with `IntervalStyle = postgres`: `1 year 2 mons -3 days 04:05:06.7`. */
export function parseInterval(text: string): Interval {
  const count = (unit: string): number => Number(new RegExp(`([+-]?\\d+) ${unit}s?\\b`).exec(text)?.[1] ?? 0);
  const clock = /([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text);
  const seconds =
    clock === null ? 0n : BigInt(clock[2]!) * 3_600n + BigInt(clock[3]!) * 60n + BigInt(clock[4]!);
  const size = seconds * 1_000_000n + fraction(clock?.[5]);
  return {
    months: count('year') * 12 + count('mon'),
    days: count('day'),
    microseconds: clock?.[1] === '-' ? -size : size,
  };
}

/** A month counts as a twelfth of 365.25 days, as in Debezium. */
export const approximateMicroseconds = ({ months, days, microseconds }: Interval): bigint =>
  BigInt(months) * 2_629_800_000_000n + BigInt(days) * usPerDay + microseconds;

/** Formats an interval as `P1Y2M3DT4H5M6.7S`. */
export function formatInterval({ months, days, microseconds }: Interval): string {
  const seconds = microseconds / 1_000_000n;
  const rest = microseconds % 1_000_000n;
  const tail =
    rest === 0n
      ? ''
      : `.${String(rest < 0n ? -rest : rest)
          .padStart(6, '0')
          .replace(/0+$/, '')}`;
  const sign = microseconds < 0n && seconds % 60n === 0n ? '-' : '';
  const years = Math.trunc(months / 12);
  const clock = `${seconds / 3_600n}H${(seconds / 60n) % 60n}M${sign}${seconds % 60n}${tail}S`;
  return `P${years}Y${months % 12}M${days}DT${clock}`;
}
