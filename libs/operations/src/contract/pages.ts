import { z } from 'zod';

/** The most items that one page of an answer has. */
export const pageLimitMax = 200;

/** The query fields of a call that pages. Use `...pageQuery` inside its own `z.strictObject`. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(pageLimitMax).default(50),
  cursor: z.string().max(1_024).optional(),
};

/**
 * The schema of a page: its items, and the cursor of the next page, which is null on the last one.
 */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .describe('Send it as `cursor` to get the next page; null on the last page'),
  });

/** Who acts: visible ASCII, as in the header Millrace-Actor. */
export const actor = z
  .string()
  .regex(
    /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/,
    'says who acts: 1 to 200 visible ASCII characters, such as ada@example.org',
  );

/** The reason of an act, for those who read the history later. */
export const reason = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .describe('Why; recorded with the action')
  .meta({ examples: ['INC-7: the carrier is back'] });
