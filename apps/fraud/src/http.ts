import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import { Describe, Live, type LiveMessage } from '@millrace/service-chassis/http';
import { streamStore } from '@millrace/service-chassis/streams';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { ReadOnlyWindowStore } from '@millrace/streams';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { fraudAlert, type FraudAlert } from './domain/transaction.ts';
import { LIVE_ALERTS, type LiveAlerts } from './live-alerts.ts';
import { alertsByCard, alertsKeptMs, applicationId } from './topology.ts';

const alertsQuery = z.strictObject({
  cardId: z.string().min(1).max(100),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const alertsView = z.object({ items: z.array(fraudAlert) });

@Controller('alerts')
export class AlertsController {
  constructor(
    @Inject(streamStore(applicationId, alertsByCard))
    private readonly alerts: ReadOnlyWindowStore<string, readonly FraudAlert[]>,
    @Inject(LIVE_ALERTS) private readonly live: LiveAlerts,
  ) {}

  @Get()
  @Describe({
    summary: 'List the latest alerts of a card, the newest first',
    description:
      'At most 20 alerts a day, for the last 30 days; the topic fraud-alerts has all. The answer covers only the ' +
      'cards of this process: if several run, ask each of them.',
    answers: { 200: alertsView },
  })
  list(
    @Query({ schema: alertsQuery }) { cardId, limit }: z.infer<typeof alertsQuery>,
  ): z.infer<typeof alertsView> {
    const now = systemClock.now();
    using found = this.alerts.backwardFetchRange(cardId, now - alertsKeptMs, Number.MAX_SAFE_INTEGER);
    return { items: [...found].flatMap(({ value }) => value).slice(0, limit) };
  }

  @Live('live')
  @Describe({
    summary: 'Follow the alerts of all cards, from the next one or after Last-Event-ID',
    description:
      'An event `alert` has the alert as `data`. Every process sends the alerts of all, also to a client that ' +
      'reconnects with the id of the last message that it has received.',
    events: fraudAlert,
    answers: {},
    problems: { 503: ['too_many_live_events'] },
  })
  follow(
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res({ passthrough: true }) { raw }: FastifyReply,
  ): Observable<LiveMessage> {
    return this.live.follow(lastEventId, raw);
  }
}
