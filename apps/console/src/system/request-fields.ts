import { actor, reason } from '@millrace/operations/contract';
import { z } from 'zod';

/** The name or id of anything in the system. The service that is asked knows which ones there are. */
export const text = z.string().max(256);

/** How many rows of a list a page shows. */
export const listLimit = z.coerce.number().int().min(1).max(1_000).default(100);

/** Who acts, and why. */
export const signed = z.strictObject({ actor, reason });
export type Signed = z.infer<typeof signed>;

/** How many things an act on many is asked for in a second. */
export const perSecond = z.number().min(0.1).max(1_000).optional();
