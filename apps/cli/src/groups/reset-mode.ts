import type { OffsetReset } from '@millrace/streaming-core/client';
import type { OptionDefinition } from '../command/command.ts';
import { UsageError } from '../command/failures.ts';
import type { GivenOptions } from '../command/given-options.ts';

export const resetOptions: readonly OptionDefinition[] = [
  { flags: '--to-earliest', meaning: 'to the first record that the log still holds' },
  { flags: '--to-latest', meaning: 'to the end, so that everything unread is skipped' },
  { flags: '--to-offset <offset>', meaning: 'to this offset' },
  { flags: '--shift-by <count>', meaning: 'forwards by so many offsets; backwards if it is negative' },
  {
    flags: '--to-datetime <time>',
    meaning: 'to the first record from this time on, such as 2026-11-22T09:00:00Z',
  },
  {
    flags: '--by-duration <duration>',
    meaning: 'to the first record that is no older than this, such as 90s, 30m, 6h or 2d',
  },
];

const names = ['to-earliest', 'to-latest', 'to-offset', 'shift-by', 'to-datetime', 'by-duration'] as const;

/** Reads where to move offsets. Throws `UsageError` unless exactly one mode is given, with a valid value. */
export function resetIn(options: GivenOptions): OffsetReset {
  const given = names.filter((name) => options.flag(name) || options.text(name) !== undefined);
  const [mode, ...others] = given;
  if (mode === undefined || others.length > 0)
    throw new UsageError(`give exactly one of ${names.map((name) => `--${name}`).join(', ')}`);
  const text = options.text(mode) ?? '';
  switch (mode) {
    case 'to-earliest':
    case 'to-latest':
      return { mode };
    case 'to-offset':
      return { mode, offset: wholeNumber(mode, text, /^\d{1,18}$/) };
    case 'shift-by':
      return { mode, by: wholeNumber(mode, text, /^[+-]?\d{1,18}$/) };
    case 'to-datetime':
      return { mode, time: timeIn(text) };
    case 'by-duration':
      return { mode, durationMs: durationIn(text) };
  }
}

function wholeNumber(mode: string, text: string, pattern: RegExp): bigint {
  if (pattern.test(text)) return BigInt(text.replace('+', ''));
  throw new UsageError(`--${mode} ${text}: give a whole number`);
}

function timeIn(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(`--to-datetime ${text}: give a time such as 2026-11-22T09:00:00Z`);
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationIn(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (unitsMs[unit] ?? 0);
  throw new UsageError(`--by-duration ${text}: give a number with a unit, such as 90s, 30m, 6h or 2d`);
}
