import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import type { EventStore } from '@millrace/event-sourcing';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { SERVICE, type ServiceIdentity } from '../ground/config/service.ts';
import { DATABASE } from '../database/database.module.ts';
import { EVENT_STORE } from '../modules/events/event-store.tokens.ts';
import { historyItemOf } from '../modules/events/history.ts';
import { Describe } from '../web/openapi/describe.ts';
import { correlationId, correlationQuery, correlationView } from '@millrace/operations/contract';

@Controller('ops/correlations')
export class OpsCorrelationsController {
  constructor(
    @Inject(SERVICE) private readonly service: ServiceIdentity,
    @Inject(DATABASE) private readonly database: SqlDatabase,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  @Get(':id')
  @Describe({
    summary: 'Get the events of this service that belong to one correlation',
    answers: { 200: correlationView },
  })
  async one(
    @Param('id', { schema: correlationId }) id: string,
    @Query({ schema: correlationQuery }) { limit }: z.infer<typeof correlationQuery>,
  ): Promise<z.infer<typeof correlationView>> {
    const found = await this.store.readCorrelated(this.database, id, { limit: limit + 1, opens: false });
    const items = found.slice(0, limit).map((event) => ({ ...historyItemOf(event), stream: event.stream }));
    return { service: this.service.name, items, complete: found.length <= limit };
  }
}
