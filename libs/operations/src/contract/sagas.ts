import { z } from 'zod';
import { pageOf, pageQuery, reason } from './pages.ts';

/** What a list of sagas can be asked for. `live`: every saga that has not ended. */
export const sagaStates = [
  'live',
  'running',
  'compensating',
  'closing',
  'needs_attention',
  'paused',
  'completed',
  'compensated',
  'all',
] as const;
export type SagaState = (typeof sagaStates)[number];

export const sagaId = z.string().min(1).max(256);

export const sagaDefinition = z.string().min(1).max(200).describe('The name of the definition');

export const sagasQuery = z.strictObject({
  state: z.enum(sagaStates).default('live').describe('`live`: every saga that has not ended'),
  definition: z.string().max(200).optional(),
  step: z.string().max(200).optional().describe('The step that the saga waits for'),
  olderThanSeconds: z.coerce.number().int().min(0).max(3_153_600_000).optional(),
  limit: pageQuery.limit,
  after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
});

export const sagaPlace = z.strictObject({
  startedAt: z.iso.datetime(),
  definition: z.string(),
  sagaId: z.string(),
});

const listed = z.object({
  sagaId: z.string(),
  definition: z.string(),
  version: z.number().int(),
  status: z.enum(['running', 'compensating', 'closing', 'completed', 'compensated']),
  needsAttention: z.boolean(),
  paused: z.boolean(),
  step: z.string().nullable(),
  steps: z.array(z.string()).describe('Everything that the saga waits for'),
  reason: z.string().nullable(),
  startedAt: z.string(),
  updatedAt: z.string(),
});

export const sagasPage = pageOf(listed).describe('Sagas, the oldest first');

const progress = z.object({
  name: z.string(),
  status: z.enum(['pending', 'withheld', 'sent', 'accepted', 'rejected', 'timed_out', 'compensated']),
  attempts: z.number().int(),
  sentAt: z.string().nullable(),
  repliedAt: z.string().nullable(),
});

const sagaEvent = z.looseObject({ type: z.string(), at: z.string() });

const holdName = {
  kind: z
    .enum(['definition', 'commands'])
    .describe('`definition`: every saga of it; `commands`: those on a topic, so those to a participant'),
  name: z.string().min(1).max(200).describe('The name of the definition or of the topic'),
};
const hold = z.object({ ...holdName, actor: z.string(), reason: z.string(), heldAt: z.string() });

export const sagaView = z.object({
  sagaId: z.string(),
  definition: z.string(),
  version: z.number().int(),
  status: z.enum(['running', 'compensating', 'closing', 'completed', 'compensated', 'needs_attention']),
  reason: z.string().optional(),
  streamVersion: z.number().int().describe('The same as the ETag'),
  correlationId: z.string(),
  startedAt: z.string(),
  steps: z.array(progress),
  compensations: z.array(progress),
  timers: z
    .array(
      z.object({
        step: z.string(),
        kind: z.string(),
        attempt: z.number().int(),
        dueAt: z.string(),
        withheld: z.boolean().describe('The command was not sent, because an operator holds it back'),
      }),
    )
    .describe('Until when the saga waits before it sends a command again or gives it up'),
  waitsFor: z
    .array(
      z.object({
        step: z.string(),
        role: z.string().describe('`step`, `compensation` or `closing` for a command, `wait` or `delay`'),
        commandId: z.string().describe('The id of the command or the wait'),
        replies: z.array(z.string()).describe('The messages that end the waiting; `skip` takes one of them'),
        until: z
          .string()
          .nullable()
          .describe('When the saga goes on without one; null while it is paused or held back'),
        why: z.string().describe('Why the saga waits and what happens then, as a sentence'),
      }),
    )
    .describe('What the saga waits for'),
  waits: z
    .array(
      z.object({
        name: z.string(),
        status: z.enum(['open', 'received', 'refused', 'over']),
        until: z.string().nullable(),
      }),
    )
    .describe('The delays and waits that the saga has come to'),
  branches: z.record(z.string(), z.enum(['then', 'otherwise'])).describe('The paths that it has taken'),
  holds: z
    .array(hold)
    .describe('What operators hold back and the saga waits for: its definition, or commands on a topic'),
  paused: z.object({ actor: z.string(), reason: z.string(), at: z.string() }).optional(),
  events: z.array(sagaEvent).describe('The history of the saga, the latest 1000 events'),
});

export type SagaView = z.infer<typeof sagaView>;

export const sagaEventsQuery = z.strictObject({
  limit: pageQuery.limit,
  after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
  afterVersion: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('For the first page: leave out the events up to this version of the stream'),
});

export const sagaEventsPage = pageOf(
  sagaEvent.extend({
    streamVersion: z.number().int().describe('The version of the event in the stream of the saga'),
  }),
).describe('The history of a saga, the oldest event first');
export type SagaEventsPage = z.infer<typeof sagaEventsPage>;

const action = z.enum(['retry', 'skip', 'compensate', 'pause', 'resume']);

export const sagaAction = z
  .strictObject({
    action: action.describe(
      '`retry` sends the awaited command again, `skip` takes a result instead of its reply, ' +
        '`compensate` gives it up and undoes everything, `pause` and `resume` stop and continue the saga',
    ),
    reason,
    step: z
      .string()
      .max(200)
      .optional()
      .describe('For `retry` and `skip`: which of several things that the saga waits for'),
    result: z
      .looseObject({ type: z.string().max(200).describe('The type of the reply') })
      .optional()
      .describe(
        'For `skip` only: a reply to the awaited command, as its participant would publish it, or the awaited ' +
          'message. Without it, `skip` ends a delay, or a wait as if its time were over',
      ),
  })
  .refine((asked) => asked.action === 'skip' || asked.result === undefined, {
    path: ['result'],
    message: 'belongs to `skip` alone',
  })
  .refine((asked) => asked.action === 'skip' || asked.action === 'retry' || asked.step === undefined, {
    path: ['step'],
    message: 'belongs to `retry` and `skip` alone',
  })
  .meta({ examples: [{ action: 'retry', reason: 'INC-7: the carrier is back' }] });

/** What stops many sagas at once, or lets them go on. */
export const holdAct = z.strictObject({ ...holdName, reason }).meta({
  examples: [{ kind: 'commands', name: 'room-commands', reason: 'INC-7: the hotel is down' }],
});
export const holdsView = z.object({ items: z.array(hold) }).describe('What operators hold back');
export type HoldsView = z.infer<typeof holdsView>;

export type SagasPage = z.infer<typeof sagasPage>;
