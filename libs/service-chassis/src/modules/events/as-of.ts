import { z } from 'zod';
import { waitQuery } from '../../live/version-waits.ts';

/**
 * The query of a read at a past version or moment, or of one that waits for a version. A request
 * may use only one of them.
 */
export const asOfQuery = z
  .strictObject({
    ...waitQuery,
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Returns the state right after this version'),
    at: z.iso.datetime({ offset: true }).optional().describe('Returns the state at this moment (ISO 8601)'),
  })
  .refine(({ version, at }) => version === undefined || at === undefined, {
    path: ['at'],
    message: 'give a version or a moment, not both',
  })
  .refine(({ version, at, wait }) => wait === undefined || (version === undefined && at === undefined), {
    path: ['wait'],
    message: 'waits for the present: do not combine it with a version or a moment',
  });

export type AsOf = z.infer<typeof asOfQuery>;

/** Returns the read options for the store, or undefined for the present. */
export function readOptionsOf({
  version,
  at,
}: Pick<AsOf, 'version' | 'at'>): { toVersion: bigint } | { at: Date } | undefined {
  if (version !== undefined) return { toVersion: BigInt(version) };
  return at === undefined ? undefined : { at: new Date(at) };
}
