import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { LateViews, PageViewMinute, ShownMinute } from '../domain/page-view.ts';
import type { MinuteStore } from './minute-sink.ts';

/** The consumer group of the sink. */
export const sinkGroup = 'dashboard-sink';

/** The number of pages that each minute shows, those with most views first. */
export const pagesShownMax = 100;

/**
 * Counts only grow, and a closed minute stays closed. So a record that is written again, or after a
 * later one, changes nothing. Rows are locked in one order, since two processes may write the same.
 */
const keepMinutes = `
  INSERT INTO page_view_minute AS kept (window_start, page_url, page_views, unique_visitors, open)
  SELECT window_start, page_url, page_views, unique_visitors, open
  FROM jsonb_to_recordset($1::jsonb) AS given
    (window_start timestamptz, page_url text, page_views bigint, unique_visitors bigint, open boolean)
  ORDER BY window_start, page_url
  ON CONFLICT (window_start, page_url) DO UPDATE SET
    page_views = greatest(kept.page_views, excluded.page_views),
    unique_visitors = greatest(kept.unique_visitors, excluded.unique_visitors),
    open = kept.open AND excluded.open
  WHERE excluded.page_views > kept.page_views OR excluded.unique_visitors > kept.unique_visitors
    OR kept.open AND NOT excluded.open`;

const keepLateViews = `
  INSERT INTO page_view_minute AS kept (window_start, page_url, open, late_views)
  SELECT window_start, page_url, false, late_views
  FROM jsonb_to_recordset($1::jsonb) AS given (window_start timestamptz, page_url text, late_views bigint)
  ORDER BY window_start, page_url
  ON CONFLICT (window_start, page_url) DO UPDATE SET late_views = excluded.late_views
  WHERE excluded.late_views > kept.late_views`;

const forget = `DELETE FROM page_view_minute WHERE window_start < $1`;

/** Each minute is read by itself, so that only its own pages are sorted. */
const latest = `
  SELECT window_start, page_url, page_views, unique_visitors, open, late_views
  FROM generate_series($1::timestamptz, $1::timestamptz + $2 * interval '1 minute', '1 minute') AS minute (start)
  CROSS JOIN LATERAL (
    SELECT * FROM page_view_minute WHERE window_start = minute.start
    ORDER BY page_views DESC, page_url LIMIT $3) AS each
  ORDER BY window_start DESC, page_views DESC, page_url`;

/** How many minutes one answer may have. */
export const minutesMax = 60;

type Row = Omit<ShownMinute, 'window_start' | 'page_views' | 'unique_visitors' | 'late_views'> & {
  readonly window_start: Date;
  readonly page_views: string;
  readonly unique_visitors: string;
  readonly late_views: string;
};

/** The figures in PostgreSQL, which all processes share. */
export interface MinuteTable extends MinuteStore {
  /** Returns the minutes that start at this time or later, at most for an hour, the newest first. */
  since(timeMs: number): Promise<readonly ShownMinute[]>;
}

export function minuteTable(database: SqlDatabase): MinuteTable {
  const write = async (statement: string, rows: readonly LateViews[] | readonly PageViewMinute[]) => {
    const last = new Map(rows.map((row) => [`${Date.parse(row.window_start)} ${row.page_url}`, row]));
    if (last.size > 0) await database.query(statement, [JSON.stringify([...last.values()])]);
  };
  return {
    keep: (minutes) => write(keepMinutes, minutes),
    keepLate: (late) => write(keepLateViews, late),
    forgetBefore: async (timeMs) => void (await database.query(forget, [new Date(timeMs)])),
    async since(timeMs) {
      const { rows } = await database.query<Row>(latest, [new Date(timeMs), minutesMax, pagesShownMax]);
      return rows.map((row) => ({
        ...row,
        window_start: row.window_start.toISOString(),
        page_views: Number(row.page_views),
        unique_visitors: Number(row.unique_visitors),
        late_views: Number(row.late_views),
      }));
    },
  };
}
