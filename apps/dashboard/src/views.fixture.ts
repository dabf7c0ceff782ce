import type { PageView } from './domain/page-view.ts';

/** The day of the guides' fixture (G29). */
export const guidesDay = Date.parse('2024-01-15T10:00:00.000Z');

/** A view such as `10:00:05 /home u1`, on the guides' day, shifted by `laterMs`. */
export function viewed(text: string, laterMs = 0): PageView {
  const [time = '', page_url = '', user_id = ''] = text.split(' ');
  const event_time = new Date(Date.parse(`2024-01-15T${time}Z`) + laterMs).toISOString();
  return { event_time, page_url, user_id };
}

/** The views of G29. */
export const guidesViews = [
  '10:00:05 /home u1',
  '10:00:20 /home u2',
  '10:00:40 /home u1',
  '10:00:59.999 /cart u1',
  '10:01:00.000 /home u1',
] as const;
