import { z } from 'zod';
import { pageOf, pageQuery, reason } from './pages.ts';

export const outboxView = z
  .object({
    pending: z.number().int().describe('Messages that are not known to be published, counted up to 10000'),
    oldestAgeMs: z.number().describe('0 if there is none'),
    publisher: z.string().nullable().describe('The process that publishes now; null if none does'),
    position: z.string().describe('Everything up to this position is published'),
    blocker: z
      .object({
        pid: z.number().int().nullable().describe('Null if it is a prepared transaction'),
        name: z.string().describe('The application, or the gid of a prepared transaction'),
        ageMs: z.number().nullable().describe('Null if the role of the service may not see it'),
      })
      .nullable()
      .describe(
        'While messages wait: the oldest transaction of this database that has written and has not ended. ' +
          'If it is old, the messages wait for it.',
      ),
  })
  .describe('The messages that wait to be published');

export const parkedQuery = z.strictObject({
  topic: z.string().max(249).optional(),
  limit: pageQuery.limit,
  after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
});

/** The position of the last key of a page. */
export const parkedPlace = z.string().regex(/^\d{1,18}$/);

export const parkedPosition = z
  .string()
  .regex(/^\d{1,18}$/, 'must be the position of a parked key')
  .meta({ examples: ['17'] });

const parkedKey = z.object({
  position: z.string(),
  group: z.string(),
  topic: z.string(),
  partition: z.number().int(),
  offset: z.string(),
  key: z.string(),
  type: z.string().nullable(),
  messageId: z.string(),
  messages: z.number().int().describe('The messages of the key, with the one that fails'),
  attempts: z.number().int(),
  parkedAt: z.string().nullable().describe('Null once an operator has given the message up'),
  retryAt: z.string(),
  lastError: z.string().nullable(),
});

export const parkedPage = pageOf(parkedKey).describe('Parked keys, each with the message that fails');

export const giveUpRequest = z.strictObject({ reason });
export const givenUpView = z.object({ position: z.string(), retryAt: z.string().nullable() });

export const retryRequest = z.strictObject({ reason });
export const triedView = z.object({ position: z.string() });

export const lagsView = z
  .object({
    items: z.array(
      z.object({
        group: z.string(),
        topic: z.string(),
        partition: z.number().int(),
        messages: z.number().int().describe('How many messages the group is behind'),
        seconds: z
          .number()
          .nullable()
          .describe('The age of the message that it reads next; 0 if there is none'),
      }),
    ),
  })
  .describe(
    'How far the groups that this process watches are behind, at its last look (`WATCH_EVERY_MS`): those of ' +
      'the service in a process with the role `worker`, those of its read models with the role `projector`',
  );

export type OutboxView = z.infer<typeof outboxView>;
export type ParkedPage = z.infer<typeof parkedPage>;
export type LagsView = z.infer<typeof lagsView>;
export type GivenUpView = z.infer<typeof givenUpView>;
