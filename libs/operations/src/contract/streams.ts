import { z } from 'zod';
import { pageOf, pageQuery, reason } from './pages.ts';

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
  .object({
    items: z.array(rebuild),
    rebuildable: z
      .array(z.string())
      .describe('The names of the read models that can be rebuilt: those that are written with the events'),
  })
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

export const streamId = z.string().min(1).max(256);

export const streamsQuery = z.strictObject({
  prefix: z.string().max(256).default('').describe('What the names begin with, such as `order-`'),
  limit: pageQuery.limit,
  after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
});

export const streamsPage = pageOf(
  z.object({
    stream: z.string(),
    version: z.number().int().describe('The version of its last event'),
    updatedAt: z.string().describe('When its last event was recorded'),
  }),
).describe('Streams, in the order of their names by code points');
export type StreamsPage = z.infer<typeof streamsPage>;

const version = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();

/** The query fields of a read as of a version or a moment; by default as of now. */
const versionOrMoment = {
  version: version.describe('As of this version, inclusive'),
  at: z.iso.datetime({ offset: true }).optional().describe('As of this moment (ISO 8601), inclusive'),
};

interface VersionOrMoment {
  readonly version?: number | undefined;
  readonly at?: string | undefined;
}

const notBoth = ({ version, at }: VersionOrMoment): boolean => version === undefined || at === undefined;
const givenBoth = { path: ['at'], message: 'give a version or a moment, not both' };

interface Beginning {
  readonly from?: unknown;
  readonly after?: string | undefined;
}

const notWithCursor = ({ from, after }: Beginning): boolean => from === undefined || after === undefined;
const givenWithCursor = {
  path: ['from'],
  message: 'says where a reader begins: leave it out with a cursor',
};

export const streamQuery = z
  .strictObject({
    ...versionOrMoment,
    from: version.describe('The first version of the first page; by default 1'),
    limit: pageQuery.limit,
    after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
  })
  .refine(notBoth, givenBoth)
  .refine(notWithCursor, givenWithCursor);

/** An event as `/history` shows it, without personal data. */
export const historyItem = z.object({
  version: z.number().int(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
  eventId: z.string(),
  recordedAt: z.string(),
  correlationId: z.string(),
  causationId: z.string(),
  actor: z.string().optional(),
});
export const historyPage = pageOf(historyItem).describe('Events of one stream, oldest first');
export type HistoryItem = z.infer<typeof historyItem>;
export type HistoryPage = z.infer<typeof historyPage>;

export const stateQuery = z.strictObject(versionOrMoment).refine(notBoth, givenBoth);

export const stateView = z.object({
  stream: z.string(),
  version: z.number().int().describe('The version of the last event in the state'),
  state: z.unknown().describe('Every value about a person is `[personal]`'),
});

export const versionOrTime = z.union([
  z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  z.iso.datetime({ offset: true }),
]);

export const differenceQuery = z.strictObject({
  from: versionOrTime.describe('A version, 0 for the state before the first event, or a moment (ISO 8601)'),
  to: versionOrTime.optional().describe('A version or a moment; by default now'),
});

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

/** An event of any stream of a service, as `historyItem` shows it. */
const storedItem = historyItem.extend({ stream: z.string() });

export const feedPlace = z.string().regex(/^\d{1,18}$/);

export const feedQuery = z
  .strictObject({
    from: z
      .string()
      .regex(/^(?:beginning|end|\d{1,18})$/, 'is beginning, end or a position')
      .optional()
      .describe(
        '`beginning` (the default), a position, inclusive, or `end`: no events, and the cursor of what is recorded from now on',
      ),
    after: pageQuery.cursor.describe('The `nextCursor` of the page before'),
    limit: pageQuery.limit,
    type: z.string().min(1).max(200).optional().describe('Only events of this type'),
    stream: streamId.optional().describe('Only events of this stream'),
  })
  .refine(notWithCursor, givenWithCursor);

export const feedPage = z
  .object({
    items: z.array(storedItem.extend({ position: z.string() })),
    nextCursor: z.string().describe('Send it as `after` to go on. There is no last page'),
    caughtUp: z
      .boolean()
      .describe('Whether all was read that can be read now. If it is false, ask again at once'),
  })
  .describe('Events of all streams of this service, in the order of positions, without personal data');
export type FeedPage = z.infer<typeof feedPage>;

const eventsMax = 1_000;

export const correlationId = z.string().min(1).max(256);

export const correlationQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(eventsMax).default(eventsMax),
});

export const correlationView = z
  .object({
    service: z.string(),
    items: z.array(storedItem),
    complete: z.boolean().describe('False if the service has more events of the correlation than `limit`'),
  })
  .describe('The first events of a correlation in this service, without personal data; often none');

export type StateView = z.infer<typeof stateView>;
export type DifferenceView = z.infer<typeof differenceView>;
export type CorrelationView = z.infer<typeof correlationView>;
