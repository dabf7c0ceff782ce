import { z } from 'zod';

/** A text that PostgreSQL can keep as part of a key. */
const url = z
  .string()
  .min(1)
  .refine(
    (text) => text.isWellFormed() && !text.includes('\0') && Buffer.byteLength(text) <= 2_000,
    'must be at most 2000 bytes of valid text',
  );

/** A record of the topic `page_views`. Its key does not matter. */
export const pageView = z.object({
  event_time: z.iso.datetime().max(40),
  page_url: url,
  user_id: z.string().min(1).max(200),
});
export type PageView = z.infer<typeof pageView>;

/** The figures of a page in a minute. A later record for the same minute and page replaces an earlier one. */
export const pageViewMinute = z.object({
  window_start: z.iso.datetime().describe('The start of the minute, UTC'),
  page_url: url,
  page_views: z.number().int().min(0),
  unique_visitors: z.number().int().min(0).describe('The exact number of distinct users'),
  open: z.boolean().describe('Whether further views may still change the figures'),
});
export type PageViewMinute = z.infer<typeof pageViewMinute>;

/** How many views of a page in a minute arrived after the minute had closed. They count nowhere else. */
export const lateViews = pageViewMinute
  .pick({ window_start: true, page_url: true })
  .extend({ late_views: z.number().int().min(1) });
export type LateViews = z.infer<typeof lateViews>;

/** The figures with the late views, as the database keeps them. */
export const shownMinute = pageViewMinute.extend({ late_views: z.number().int().min(0) });
export type ShownMinute = z.infer<typeof shownMinute>;

/** Why and since when the figures are old. */
export const staleness = z.object({
  reason: z.string(),
  since: z.iso.datetime().describe('The figures have all views up to this time, UTC'),
});
export type Staleness = z.infer<typeof staleness>;
