import { z } from 'zod';
import { pageQuery } from '../http/pagination.ts';

export const streamId = z.string().min(1).max(256);

export const streamQuery = z
  .strictObject({
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Returns the events up to this version'),
    at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Returns the events up to this moment (ISO 8601)'),
    limit: pageQuery.limit,
    after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
  })
  .refine(({ version, at }) => version === undefined || at === undefined, {
    path: ['at'],
    message: 'give a version or a moment, not both',
  });
