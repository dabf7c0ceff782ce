import { z } from 'zod';
import { pageOf, pageQuery } from './pages.ts';

export const actsQuery = z.strictObject({
  limit: pageQuery.limit,
  after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
});

/** The id of the last act of a page. */
export const actPlace = z.string().regex(/^\d{1,18}$/);

export const actsPage = pageOf(
  z.object({
    at: z.string(),
    actor: z.string().describe('Who acted'),
    action: z.string().describe('Such as `rebuild projection`'),
    subject: z.string().describe('What the act was on'),
    reason: z.string(),
  }),
).describe('Acts of operators, the newest first');
export type ActsPage = z.infer<typeof actsPage>;
