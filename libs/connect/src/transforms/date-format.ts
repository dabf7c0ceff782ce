/**
 * A pattern of Java's `SimpleDateFormat` with the letters that files of connectors use: y, M, d, H, m, s, S,
 * X, Z, quoted text, and any other character. Times are always UTC.
 */
export interface DateFormat {
  format(timeMs: number): string;
  /** Returns undefined if the text does not match the pattern. */
  parse(text: string): number | undefined;
}

type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond' | 'offset';

interface Part {
  readonly unit?: Unit;
  readonly regex: string;
  readonly write: (time: Date) => string;
}

const numbers: Readonly<Record<string, readonly [Unit, (time: Date) => number]>> = {
  y: ['year', (time) => time.getUTCFullYear()],
  M: ['month', (time) => time.getUTCMonth() + 1],
  d: ['day', (time) => time.getUTCDate()],
  H: ['hour', (time) => time.getUTCHours()],
  m: ['minute', (time) => time.getUTCMinutes()],
  s: ['second', (time) => time.getUTCSeconds()],
  S: ['millisecond', (time) => time.getUTCMilliseconds()],
};

/** Returns undefined for a pattern with letters that are not supported. */
export function dateFormat(pattern: string): DateFormat | undefined {
  const parts = pattern.match(/'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+/g)?.map(partOf) ?? [];
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  const known = parts as readonly Part[];
  const regex = new RegExp(`^${known.map((part) => part.regex).join('')}$`);
  const units = known.flatMap(({ unit }) => unit ?? []);
  return {
    format: (timeMs) => known.map(({ write }) => write(new Date(timeMs))).join(''),
    parse(text) {
      const [, ...found] = regex.exec(text) ?? [];
      return found.length === 0
        ? undefined
        : timeOf(new Map(units.map((unit, index) => [unit, found[index]!])));
    },
  };
}

function partOf(token: string): Part | undefined {
  const literal = token.startsWith("'") ? token.slice(1, -1).replaceAll("''", "'") || "'" : token;
  if (token.startsWith("'") || !/^[A-Za-z]/.test(token))
    return { regex: literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'), write: () => literal };
  const letter = token[0]!;
  if (letter === 'X') return { unit: 'offset', regex: '(Z|[+-]\\d\\d:?(?:\\d\\d)?)', write: () => 'Z' };
  if (letter === 'Z') return { unit: 'offset', regex: '([+-]\\d{4})', write: () => '+0000' };
  const number = numbers[letter];
  if (number === undefined || (letter === 'M' && token.length > 2)) return undefined;
  const [unit, read] = number;
  const width = token.length;
  const shortYear = letter === 'y' && width === 2;
  return {
    unit,
    regex: width === 1 ? '(\\d+)' : `(\\d{${width}})`,
    write: (time) => String(shortYear ? read(time) % 100 : read(time)).padStart(width, '0'),
  };
}

function timeOf(found: ReadonlyMap<Unit, string>): number {
  const number = (unit: Unit, absent: number) => Number(found.get(unit) ?? absent);
  const year = number('year', 1970);
  const utc = Date.UTC(
    year < 100 ? 2000 + year : year,
    number('month', 1) - 1,
    number('day', 1),
    number('hour', 0),
    number('minute', 0),
    number('second', 0),
    number('millisecond', 0),
  );
  const [, sign, hours = '0', minutes = '0'] =
    /^([+-])(\d\d):?(\d\d)?$/.exec(found.get('offset') ?? '') ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? utc + offsetMs : utc - offsetMs;
}
