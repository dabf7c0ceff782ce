import { Controller, Get, Inject, Query } from '@nestjs/common';
import { Describe } from '@millrace/service-chassis/http';
import { streamStore } from '@millrace/service-chassis/streams';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { ReadOnlyWindowStore } from '@millrace/streams';
import { z } from 'zod';
import { fraudAlert, type FraudAlert } from './domain/transaction.ts';
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
}
