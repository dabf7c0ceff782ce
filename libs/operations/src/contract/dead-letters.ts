import { z } from 'zod';
import { pageOf, pageQuery, reason } from './pages.ts';

/** After so many redrives a message is refused, since it would go round for ever. */
export const redrivesMax = 5;

export const letterId = z
  .string()
  .max(300)
  .regex(
    /^[a-zA-Z0-9._-]{1,249}:\d{1,9}:\d{1,18}$/,
    'must be the id of a dead letter, TOPIC:PARTITION:OFFSET',
  )
  .meta({ examples: ['inventory-commands.dlq:0:17'] });

const filter = {
  topic: z.string().max(249).optional().describe('The topic on which the message was'),
  type: z.string().max(200).optional().describe('The type of the message'),
  code: z.string().max(200).optional().describe('What stands before the colon of `reason`'),
  key: z.string().max(1_000).optional(),
};

export type LetterFilter = { readonly [Name in keyof typeof filter]?: string | undefined };

export const lettersQuery = z.strictObject({
  ...filter,
  state: z.enum(['open', 'decided', 'all']).default('open').describe('`open`: nobody has decided about it'),
  limit: pageQuery.limit,
  after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
});

export const letterPlace = z.strictObject({
  topic: z.string(),
  partition: z.number().int(),
  offset: z.string().regex(/^\d{1,18}$/),
});

/** Where an order by filter continues, and which letters it still means. */
export const decisionPlace = letterPlace.extend({ before: z.iso.datetime() });

const decision = z.object({
  decision: z.enum(['redriven', 'discarded']),
  actor: z.string(),
  reason: z.string(),
  edited: z.array(z.string()).describe('The paths that the operator changed'),
  decidedAt: z.string(),
});

const listed = z.object({
  id: z.string(),
  topic: z.string().describe('The topic on which the message was'),
  group: z.string(),
  type: z.string(),
  key: z.string().nullable(),
  messageId: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  attempts: z.number().int(),
  redrives: z.number().int().describe(`How often operators have sent it again, at most ${redrivesMax} times`),
  at: z.string(),
  decision: decision.nullable(),
});

export const lettersPage = pageOf(listed).describe(
  'Dead letters in the order in which they arrived. A page may have fewer than `limit`, or none, and a next one',
);

export const letterView = listed.extend({
  value: z.string().nullable().describe('As it was on the topic'),
  headers: z.record(z.string(), z.string()),
  stack: z.string(),
});

export const reasonsView = z.object({
  items: z.array(
    z.object({
      topic: z.string(),
      group: z.string(),
      type: z.string(),
      code: z.string(),
      letters: z.number().int(),
      oldestAt: z.string(),
      latestReason: z.string(),
    }),
  ),
  complete: z.boolean().describe('False if there are more letters than one request reads'),
});

const choice = {
  ids: z.array(letterId).min(1).max(500).optional(),
  filter: z.strictObject(filter).optional().describe('`{}`: every open dead letter of the service'),
  limit: z.number().int().min(1).max(500).default(100).describe('How many letters a filter takes at most'),
  after: pageQuery.cursor.describe('The `nextCursor` of the answer before: continues behind its letters'),
  dryRun: z.boolean().default(false).describe('Says what would happen, and does nothing'),
  reason,
};
const hasOneChoice = ({
  ids,
  filter: chosen,
}: {
  readonly ids?: unknown;
  readonly filter?: unknown;
}): boolean => (ids === undefined) !== (chosen === undefined);
const oneChoice = { path: ['ids'], message: 'give ids or a filter, and not both' };
const example = { ids: ['inventory-commands.dlq:0:17'], reason: 'INC-7: the stock is corrected' };

export const discardRequest = z
  .strictObject(choice)
  .refine(hasOneChoice, oneChoice)
  .meta({ examples: [example] });

export const redriveRequest = z
  .strictObject({
    ...choice,
    value: z
      .looseObject({ type: z.string().max(200) })
      .optional()
      .describe('Replaces the value of a single letter; its `type` stays'),
  })
  .refine(hasOneChoice, oneChoice)
  .refine((order) => order.value === undefined || order.ids?.length === 1, {
    path: ['value'],
    message: 'replaces the value of one letter: give its id',
  })
  .meta({ examples: [example] });

export const outcomesView = z.object({
  dryRun: z.boolean(),
  redriven: z.number().int(),
  discarded: z.number().int(),
  refused: z.number().int(),
  edited: z.array(z.string()).describe('The paths that the new value changes'),
  items: z.array(
    z.object({
      id: z.string(),
      outcome: z
        .enum([
          'redriven',
          'discarded',
          'decided_before',
          'redriven_too_often',
          'incomplete',
          'erased',
          'key_missing',
          'unknown_dead_letter',
        ])
        .describe(
          '`incomplete`: its key, a header or its value was too large to be kept. `erased`: its personal data ' +
            'was erased. `key_missing`: the key of its personal data was lost; restore the backup of the keys',
        ),
    }),
  ),
  more: z.boolean().describe('Whether the filter may match further letters'),
  nextCursor: z
    .string()
    .nullable()
    .describe('Send it as `after` for the further letters; null if there are none'),
});

export type ListedLetter = z.infer<typeof listed>;
export type LetterView = z.infer<typeof letterView>;
export type LetterReasons = z.infer<typeof reasonsView>['items'][number];
export type Outcomes = z.infer<typeof outcomesView>;
