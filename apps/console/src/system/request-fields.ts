import { actor, reason } from '@millrace/operations/contract';
import { z } from 'zod';

/** The name or id of anything in the system. The service checks whether it exists. */
export const text = z.string().max(256);

/** The number of rows of a list that a page shows. */
export const listLimit = z.coerce.number().int().min(1).max(1_000).default(100);

/** The actor and the reason of an action. */
export const signed = z.strictObject({ actor, reason });
export type Signed = z.infer<typeof signed>;

/** How many things a job acts on per second. */
export const perSecond = z.number().min(0.1).max(1_000).optional();
