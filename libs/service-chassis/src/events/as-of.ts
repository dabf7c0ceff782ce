import { z } from 'zod';
import { waitQuery } from '../live/version-waits.ts';

/** The query of a call that travels in time, or waits for the present to come: one of them. */
export const asOfQuery = z
  .strictObject({
    ...waitQuery,
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('As it was right after this version'),
    at: z.iso.datetime({ offset: true }).optional().describe('As it was at this moment, ISO 8601'),
  })
  .refine(({ version, at }) => version === undefined || at === undefined, {
    path: ['at'],
    message: 'give a version or a moment, not both',
  })
  .refine(({ version, at, wait }) => wait === undefined || (version === undefined && at === undefined), {
    path: ['wait'],
    message: 'waits for the present: give no version or moment beside it',
  });

export type AsOf = z.infer<typeof asOfQuery>;

/** What the store is asked for; undefined for the present. */
export function readOptionsOf({
  version,
  at,
}: Pick<AsOf, 'version' | 'at'>): { toVersion: bigint } | { at: Date } | undefined {
  if (version !== undefined) return { toVersion: BigInt(version) };
  return at === undefined ? undefined : { at: new Date(at) };
}
