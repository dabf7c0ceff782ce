import { z } from 'zod';
import type { AsOf } from '../events/as-of.ts';
import { givenBoth, notBoth, versionOrMoment } from './streams.dto.ts';

export const stateQuery = z.strictObject(versionOrMoment).refine(notBoth, givenBoth);

export const stateView = z.object({
  stream: z.string(),
  version: z.number().int().describe('The version of the last event in the state'),
  state: z.unknown().describe('Every value about a person is `[personal]`'),
});

const place = z.union([
  z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  z.iso.datetime({ offset: true }),
]);

export const differenceQuery = z.strictObject({
  from: place.describe('A version, 0 for the state before the first event, or a moment (ISO 8601)'),
  to: place.optional().describe('A version or a moment; by default now'),
});

export const asOfPlace = (at: z.infer<typeof place> | undefined): Pick<AsOf, 'version' | 'at'> =>
  typeof at === 'number' ? { version: at } : { at };

export const differenceView = z.object({
  stream: z.string(),
  from: z.number().int().describe('The version of the state before'),
  to: z.number().int().describe('The version of the state after'),
  changes: z
    .array(
      z.object({
        path: z.string().describe('A JSON Pointer (RFC 6901); empty for the whole state'),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    )
    .describe('A side that does not have the place is left out. Changed personal values are not seen'),
});
