import { z } from 'zod';
import { pageQuery } from '../http/pagination.ts';

export const streamId = z.string().min(1).max(256);

/** The query fields of a read as of a version or a moment; by default as of now. */
export const versionOrMoment = {
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('As of this version, inclusive'),
  at: z.iso.datetime({ offset: true }).optional().describe('As of this moment (ISO 8601), inclusive'),
};

interface VersionOrMoment {
  readonly version?: number | undefined;
  readonly at?: string | undefined;
}

export const notBoth = ({ version, at }: VersionOrMoment): boolean =>
  version === undefined || at === undefined;
export const givenBoth = { path: ['at'], message: 'give a version or a moment, not both' };

export const streamQuery = z
  .strictObject({
    ...versionOrMoment,
    limit: pageQuery.limit,
    after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
  })
  .refine(notBoth, givenBoth);
