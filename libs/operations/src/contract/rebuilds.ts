import { z } from 'zod';
import { reason } from './pages.ts';

const rebuild = z.object({
  projection: z.string(),
  version: z.number().int(),
  paused: z.boolean(),
  startedAt: z.string(),
  revision: z
    .number()
    .int()
    .describe(
      'Send it as `If-Match` in quotation marks to act on what you have seen; 0 if you have seen none',
    ),
  position: z.string(),
  last: z.string(),
  lagEvents: z.number().int(),
  lagMs: z.number(),
  eventsPerSecond: z.number(),
  remainingMs: z.number().nullable().describe('Null while it is paused or its rate is not known'),
});

export const rebuildsView = z
  .object({ items: z.array(rebuild) })
  .describe('The rebuilds of read models that have not ended');

export const projectionName = z.string().min(1).max(200);

export const rebuildAction = z.strictObject({
  action: z
    .enum(['rebuild', 'pause', 'resume', 'cancel'])
    .describe(
      '`rebuild` fills new tables beside the live ones and swaps them in; `cancel` keeps the live ones',
    ),
  reason,
});

export type RebuildsView = z.infer<typeof rebuildsView>;
