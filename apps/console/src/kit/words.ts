/** Formats for people. Numbers have thin groups of thousands, so that columns line up. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);

/** A number with what it counts, such as `1 event` or `3 events`. */
export const many = (value: number, what: string): string =>
  `${count(value)} ${what}${value === 1 ? '' : 's'}`;

export const perSecond = (value: number): string =>
  value === 0 ? '0/s' : value < 10 ? `${fine.format(value)}/s` : `${whole.format(value)}/s`;

const steps = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

const largestUnit = (ms: number) => steps.find(([, size]) => Math.abs(ms) >= size) ?? (['ms', 1] as const);

/** A time span in its largest unit, such as `340 ms`, `12.6 s` or `3 h`. */
export function span(ms: number): string {
  const [unit, size] = largestUnit(ms);
  const value = ms / size;
  const isFine = unit === 's' || (value < 10 && (unit === 'min' || unit === 'h'));
  return `${isFine ? fine.format(value).replace(/\.0$/, '') : whole.format(value)} ${unit}`;
}

/** A time span in whole units, for values that change while they are shown. */
export function roughSpan(ms: number): string {
  const [unit, size] = largestUnit(ms);
  return `${whole.format(Math.floor(ms / size))} ${unit}`;
}

export const ago = (at: number, now: number): string =>
  now - at < 1_000 ? (at - now > 1_000 ? `in ${roughSpan(at - now)}` : 'now') : `${roughSpan(now - at)} ago`;

export const words = (name: string): string => name.replaceAll('_', ' ');

/** A time of day with its date, in UTC and to the millisecond, as logs have it. */
export const exactTime = (iso: string): string => iso.slice(5, 23).replace('T', ' ');

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in its largest decimal unit, such as `340 B` or `1.2 MB`. */
export function bytes(value: number): string {
  const power = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1_000 ** power;
  return `${power > 0 && scaled < 100 ? fine.format(scaled) : whole.format(scaled)} ${byteUnits[power]}`;
}
