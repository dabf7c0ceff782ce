import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { Describe, Live, ProblemError, type LiveMessage } from '@millrace/service-chassis/http';
import { QUIET_DATABASE, token } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { levels } from '../log-line.ts';
import { isTooSlow, searchLines, type LinePlace } from '../indexer/line-table.ts';
import { shownLine, type LiveLines } from './live-lines.ts';

export const LIVE_LINES = token<LiveLines>('LiveLines');

const linesMax = 200;

/** The place of the last line of a page: its time, partition and offset. */
const place = z
  .string()
  .regex(/^\d{1,15}\.\d{1,9}\.\d{1,18}$/, 'must be the nextCursor of a page')
  .transform((text): LinePlace => {
    const [loggedAtMs = '', partition, offset = ''] = text.split('.');
    return { loggedAtMs: Number(loggedAtMs), partition: Number(partition), offset: BigInt(offset) };
  });

const moment = z.iso
  .datetime()
  .max(40)
  .transform((text) => new Date(text));

const filterQuery = z.strictObject({
  level: z.enum(levels).optional(),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Words of the message; `"a b"` is a phrase, `-a` excludes'),
  service: z.string().min(1).max(200).optional(),
  orderId: z.string().min(1).max(200).optional(),
});
const searchQuery = filterQuery.extend({
  from: moment.optional(),
  to: moment.optional().describe('Exclusive'),
  after: place.optional().describe('The `nextCursor` of the page before'),
  limit: z.coerce.number().int().min(1).max(linesMax).default(50),
});

const lineView = z.object({
  id: z.string().describe('The partition and offset of the line in the topic'),
  loggedAt: z.iso.datetime(),
  level: z.enum(levels),
  service: z.string().nullable(),
  message: z.string(),
  orderId: z.string().nullable(),
  correlationId: z.string().nullable(),
  line: z.string().describe('The line as it was written'),
});
const linesView = z.object({ items: z.array(lineView), nextCursor: z.string().nullable() });
const liveView = z.object({
  lines: z.array(lineView),
  dropped: z
    .number()
    .int()
    .min(0)
    .describe('How many older lines were left out, because there were too many'),
});

@Controller('logs')
export class LogsController {
  constructor(
    @Inject(QUIET_DATABASE) private readonly database: SqlDatabase,
    @Inject(LIVE_LINES) private readonly live: LiveLines,
  ) {}

  @Get()
  @Describe({
    summary: 'Search the lines, the newest first',
    answers: { 200: linesView },
    problems: { 503: ['search_too_slow'] },
  })
  async search(
    @Query({ schema: searchQuery }) query: z.infer<typeof searchQuery>,
  ): Promise<z.infer<typeof linesView>> {
    const { limit } = query;
    const found = await searchLines(this.database, { ...query, limit: limit + 1 }).catch(refuseSlow);
    const lines = found.slice(0, limit);
    const last = found.length > limit ? lines.at(-1) : undefined;
    return {
      items: lines.map(shownLine),
      nextCursor: last === undefined ? null : `${last.loggedAtMs}.${last.partition}.${last.offset}`,
    };
  }

  @Live('live')
  @Describe({
    summary: 'Follow the lines that arrive from now on',
    description:
      'An event `snapshot` says that what arrives from now on is sent, and may have the lines that arrived last. Each ' +
      '`change` after it has lines, at most four times per second. ' +
      '`alive` says that there is nothing new. A line is here before the search finds it. `q` also finds parts of words.',
    events: liveView,
    answers: {},
    problems: { 503: ['too_many_live_events'] },
  })
  follow(
    @Query({ schema: filterQuery }) wanted: z.infer<typeof filterQuery>,
    @Res({ passthrough: true }) { raw }: FastifyReply,
  ): Observable<LiveMessage> {
    return this.live.follow(wanted, raw);
  }
}

function refuseSlow(error: unknown): never {
  if (!isTooSlow(error)) throw error;
  throw new ProblemError(
    503,
    'search_too_slow',
    'The search took too long: narrow it by time, level or service',
  );
}
