import { subjectCharactersMax } from '@millrace/streaming-core/personal';
import { z } from 'zod';
import { reason } from './pages.ts';

export const erasureSubject = z
  .string()
  .min(1)
  .max(subjectCharactersMax)
  .meta({ examples: ['customer-17'] });

export const erasureRequest = z.strictObject({
  reason,
  ids: z
    .array(z.string().min(1).max(200))
    .max(1_000)
    .default([])
    .describe(
      'Ids after which the service names what it has about the subject, such as those of orders. ' +
        'Needed for data that releases without keys have stored. Further ids go into further requests.',
    ),
  more: z
    .boolean()
    .default(false)
    .describe(
      'Whether further requests follow. The last one removes the bytes of the key, which takes longer',
    ),
});

const names = z.record(z.string(), z.array(z.string()).readonly());

export const erasureView = z
  .object({
    state: z
      .enum(['active', 'waiting', 'ready', 'erased'])
      .describe('`active`: nobody has asked for it. `ready`: the next request erases'),
    reason: z
      .enum(['closing', 'open_work'])
      .optional()
      .describe('Why it waits. `closing`: other processes may not know of it yet'),
    until: z.string().optional().describe('The end of `closing`'),
    open: names.optional().describe('The work that still needs the data, by kind; at most 100 names of each'),
    at: z.string().optional().describe('When the key was destroyed'),
    hadKey: z.boolean().optional().describe('Whether the service ever had a key of the subject'),
    known: z
      .boolean()
      .optional()
      .describe('Whether any service has, or ever had, a key of the subject. Only GET says it'),
    inUse: z
      .boolean()
      .optional()
      .describe(
        'Whether a process may still have the destroyed key, or an external call that it was used for',
      ),
    cleared: z
      .record(z.string(), z.number().int())
      .optional()
      .describe('How much in plain text this request has erased'),
    walRemoved: z
      .boolean()
      .optional()
      .describe(
        'Whether the bytes of the key are gone from the write-ahead log of the keys. If not, because ' +
          'the user of that database may not ask for it, they are there until its files are reused',
      ),
  })
  .describe('How far this service is with the erasure of a subject');

export type ErasureView = z.infer<typeof erasureView>;
