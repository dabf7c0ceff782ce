import { Controller, Get, Inject, Query } from '@nestjs/common';
import { createEventFeed, type EventFeed, type PostgresEventStore } from '@millrace/event-sourcing';
import { feedPage, feedPlace, feedQuery, type FeedPage } from '@millrace/operations/contract';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { DATABASE } from '../database/database.tokens.ts';
import { EVENT_STORE } from '../modules/events/event-store.tokens.ts';
import { historyItemOf } from '../modules/events/history.ts';
import { decodeCursor, encodeCursor } from '../web/http/pagination.ts';
import { Describe } from '../web/openapi/describe.ts';

@Controller('ops/events')
export class OpsEventsController {
  private readonly feed: EventFeed;

  constructor(@Inject(DATABASE) database: SqlDatabase, @Inject(EVENT_STORE) store: PostgresEventStore) {
    this.feed = createEventFeed({ database, store });
  }

  @Get()
  @Describe({
    summary: 'List the events of all streams in the order of positions, without personal data',
    description:
      'A reader that sends each `nextCursor` gets every event once, also one whose transaction commits late: the ' +
      'page ends before a position that an open transaction may still fill. A search for a type or a stream ' +
      'ends after 10000 events.',
    answers: { 200: feedPage },
  })
  async list(@Query({ schema: feedQuery }) query: z.infer<typeof feedQuery>): Promise<FeedPage> {
    const { from, after, limit, type, stream } = query;
    const place = decodeCursor(after, feedPlace, 'after');
    if (from === 'end')
      return { items: [], nextCursor: encodeCursor(String(await this.feed.end())), caughtUp: true };
    const { items, position, caughtUp } = await this.feed.read({
      after: place === undefined ? placeBefore(from) : BigInt(place),
      limit,
      type,
      stream,
    });
    return {
      items: items.map(({ recorded, position: at }) => ({
        ...historyItemOf(recorded),
        stream: recorded.stream,
        position: String(at),
      })),
      nextCursor: encodeCursor(String(position)),
      caughtUp,
    };
  }
}

/** Positions begin with 1. */
const placeBefore = (from = 'beginning'): bigint =>
  from === 'beginning' || BigInt(from) === 0n ? 0n : BigInt(from) - 1n;
