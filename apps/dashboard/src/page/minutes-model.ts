import { keyOf, type MinutePlace } from '../domain/minute-key.ts';
import type { ShownMinute, Staleness } from '../domain/page-view.ts';

/** A message of a live answer: all minutes in a snapshot, or those that differ and those that are gone, and whether the figures are old. */
export interface MinutesMessage {
  readonly minutes: readonly ShownMinute[];
  readonly gone: readonly MinutePlace[];
  readonly stale: Staleness | null;
}

/** Returns the minutes after a message, the newest first, and in each the pages with most views first. */
export function minutesAfter(
  before: readonly ShownMinute[],
  { minutes, gone }: Omit<MinutesMessage, 'stale'>,
): readonly ShownMinute[] {
  const rows = new Map(before.map((row) => [keyOf(row), row]));
  for (const place of gone) rows.delete(keyOf(place));
  for (const row of minutes) rows.set(keyOf(row), row);
  return [...rows.values()].sort(
    (one, other) =>
      other.window_start.localeCompare(one.window_start) ||
      other.page_views - one.page_views ||
      one.page_url.localeCompare(other.page_url),
  );
}

/** The views of all shown pages in a minute. */
export interface MinuteTotal {
  readonly window_start: string;
  readonly views: number;
  readonly late: number;
  /** Whether a page of it is open. */
  readonly open: boolean;
}

/** Returns the totals of each minute, the oldest first. */
export function totalsOf(minutes: readonly ShownMinute[]): readonly MinuteTotal[] {
  const totals = new Map<string, MinuteTotal>();
  for (const { window_start, page_views, late_views, open } of minutes) {
    const sum = totals.get(window_start) ?? { window_start, views: 0, late: 0, open: false };
    totals.set(window_start, {
      window_start,
      views: sum.views + page_views,
      late: sum.late + late_views,
      open: sum.open || open,
    });
  }
  return [...totals.values()].reverse();
}
