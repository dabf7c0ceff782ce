import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { EventStore } from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.module.ts';
import { readOptionsOf } from '../modules/events/as-of.ts';
import { EVENT_STORE } from '../modules/events/event-store.tokens.ts';
import { historyOf } from '../modules/events/history.ts';
import { Describe } from '../web/openapi/describe.ts';
import { notFound } from '../web/problems/problem.ts';
import { streamId, streamQuery, historyPage } from '@millrace/operations/contract';

@Controller('ops/streams')
export class OpsStreamsController {
  constructor(
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Get(':id')
  @Describe({
    summary: 'Get the events of a stream, as of now, a version or a moment, without personal data',
    answers: { 200: historyPage },
    problems: { 404: ['unknown_stream'] },
  })
  async one(
    @Param('id', { schema: streamId }) id: string,
    @Query({ schema: streamQuery }) { version, at, limit, after }: z.infer<typeof streamQuery>,
  ) {
    const asOf = readOptionsOf({ version, at });
    const page = await historyOf(this.database, this.store, id, {
      limit,
      cursor: after,
      asOf,
      field: 'after',
    });
    if (page.items.length === 0 && after === undefined)
      throw notFound('unknown_stream', 'The service has no such stream, or it had no events by then');
    return page;
  }
}
