import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { Describe, Live, type LiveMessage } from '@millrace/service-chassis/http';
import { token } from '@millrace/service-chassis/service';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { pageViewMinute, shownMinute, staleness } from '../domain/page-view.ts';
import { FIGURE_AGE, type FigureAge } from '../figure-age.ts';
import { minutesMax, pagesShownMax, type MinuteTable } from '../sinks/postgres-minutes.ts';
import { firstOfMinutes, LIVE_MINUTES, type LiveMinutes } from './live-minutes.ts';

export const MINUTE_TABLE = token<MinuteTable>('MinuteTable');

const minutesQuery = z.strictObject({
  minutes: z.coerce.number().int().min(1).max(minutesMax).default(10).describe('The present minute included'),
});
const stale = staleness.nullable().describe('Null if the figures are not old');
const minutesView = z.object({ items: z.array(shownMinute), stale });
const liveView = z.object({
  minutes: z.array(shownMinute).describe('All minutes, or in a change those that differ'),
  gone: z.array(pageViewMinute.pick({ window_start: true, page_url: true })),
  stale,
});

@Controller('page-views')
export class PageViewsController {
  constructor(
    @Inject(MINUTE_TABLE) private readonly table: MinuteTable,
    @Inject(FIGURE_AGE) private readonly age: FigureAge,
    @Inject(LIVE_MINUTES) private readonly live: LiveMinutes,
  ) {}

  @Get()
  @Describe({
    summary: 'List the views and unique visitors of each page in the latest minutes, the newest first',
    description: `Of each minute at most ${pagesShownMax} pages, those with most views. All processes answer the same.`,
    answers: { 200: minutesView },
  })
  async list(
    @Query({ schema: minutesQuery }) { minutes }: z.infer<typeof minutesQuery>,
  ): Promise<z.infer<typeof minutesView>> {
    const items = [...(await this.table.since(firstOfMinutes(minutes, systemClock)))];
    return { items, stale: this.age.stale };
  }

  @Live('live')
  @Describe({
    summary: 'Follow the figures of the latest ten minutes',
    description:
      'An event `snapshot` has all minutes, and each `change` the rows that differ and those that are gone. ' +
      '`alive` means that nothing is new. A client that reconnects gets a snapshot again.',
    events: liveView,
    answers: {},
    problems: { 503: ['too_many_live_events'] },
  })
  follow(@Res({ passthrough: true }) { raw }: FastifyReply): Observable<LiveMessage> {
    return this.live.follow(raw);
  }
}
