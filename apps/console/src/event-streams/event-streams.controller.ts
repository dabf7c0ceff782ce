import { Controller, Get, Headers, Param, Query } from '@nestjs/common';
import { streamId } from '@millrace/operations/contract';
import { Undocumented } from '@millrace/service-chassis/app';
import { z } from 'zod';
import type { FedEvent, StateAt } from '../api/event-streams.ts';
import { Live, LiveAnswers } from '../live/live-answers.ts';
import { liveRows } from '../live/live-rows.ts';
import { throughOperators } from '../system/through-operators.ts';
import { EventFeeds } from './event-feeds.ts';
import { StreamReader } from './stream-reader.ts';
import { listLimit, text } from '../system/request-fields.ts';

const version = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
const streamName = z.strictObject({ service: text, stream: streamId });

const feedQuery = z.strictObject({
  service: text.optional(),
  type: text.default(''),
  prefix: text.default(''),
});
const listQuery = z.strictObject({
  service: text.optional(),
  prefix: text.default(''),
  limit: listLimit,
});
const eventsQuery = z.strictObject({
  order: z.enum(['newest', 'oldest']).default('newest'),
  begin: version,
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
const stateQuery = z.strictObject({ version, at: text.optional(), compare: text.optional() });

const everyMs = { list: 3_000, one: 2_000 };

@Controller('api/event-streams')
@Undocumented()
export class EventStreamsController {
  constructor(
    private readonly reader: StreamReader,
    private readonly feeds: EventFeeds,
    private readonly answers: LiveAnswers,
  ) {}

  @Live('feed')
  feed(@Query({ schema: feedQuery }) { service, type, prefix }: z.infer<typeof feedQuery>) {
    const isWanted = (event: FedEvent) =>
      (type === '' || event.type === type) && event.stream.startsWith(prefix);
    return this.answers.open(
      liveRows<FedEvent>((rows) => {
        const following = this.feeds.of(service).subscribe(({ events, missing }) => {
          if (missing.length === 0) rows.works();
          else rows.fail(missing.join('; '));
          for (const event of events) rows.add(isWanted(event) ? event : undefined);
        });
        return () => following.unsubscribe();
      }),
    );
  }

  @Live('live')
  list(
    @Query({ schema: listQuery }) query: z.infer<typeof listQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    const read = async () => this.reader.list(query.service, query.prefix, query.limit);
    const name = `streams ${JSON.stringify(query)}`;
    return this.answers.follow(name, { everyMs: everyMs.list, read }, lastEventId);
  }

  @Live('live/:service/:stream')
  one(
    @Param({ schema: streamName }) name: z.infer<typeof streamName>,
    @Query({ schema: eventsQuery }) query: z.infer<typeof eventsQuery>,
    @Headers('last-event-id') lastEventId: string | undefined,
  ) {
    return this.answers.follow(
      `stream ${JSON.stringify([name, query])}`,
      {
        everyMs: everyMs.one,
        read: this.reader.follow(name, query),
      },
      lastEventId,
    );
  }

  @Get('state/:service/:stream')
  state(
    @Param({ schema: streamName }) name: z.infer<typeof streamName>,
    @Query({ schema: stateQuery }) query: z.infer<typeof stateQuery>,
  ): Promise<StateAt> {
    return throughOperators(this.reader.state(name, query));
  }
}
