import { z } from 'zod';
import { pageQuery } from './pages.ts';

/** What happens over time without a saga, ended by a durable timer. */
export const timedProcessesQuery = z.strictObject({
  process: z.string().max(200).optional().describe('The name of the process'),
  id: z.string().min(1).max(256).optional().describe('Only this instance, also if it has ended'),
  limit: pageQuery.limit,
});

const instance = z.object({
  process: z.string(),
  id: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  waitsFor: z
    .array(
      z.object({
        step: z.string(),
        message: z.string().describe('The message that ends the waiting'),
        since: z.string(),
      }),
    )
    .describe('What the instance waits for; nothing once it has ended'),
  startedAt: z.string(),
  updatedAt: z.string().describe('When it last changed'),
});

export const timedProcessesView = z
  .object({ items: z.array(instance) })
  .describe('Instances that have not ended, beginning with the one that has not changed for the longest');

export type TimedProcessView = z.infer<typeof instance>;
export type TimedProcessesView = z.infer<typeof timedProcessesView>;
