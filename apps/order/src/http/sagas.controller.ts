import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { SagaEngine } from '@millrace/saga';
import { Describe, notFound } from '@millrace/service-chassis/http';
import { SAGA_ENGINE } from '@millrace/service-chassis/saga';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { ChoreographedViews } from '../choreography/choreographed-views.ts';
import { fulfillment } from '../fulfillment/fulfillment.saga.ts';
import { orderIdParam, sagaView } from './order.dto.ts';

@Controller('sagas')
export class SagasController {
  constructor(
    @Inject(SAGA_ENGINE) private readonly engine: SagaEngine,
    @Inject(DATABASE) private readonly database: SqlDatabase,
    private readonly choreographed: ChoreographedViews,
  ) {}

  @Get(':orderId')
  @Describe({
    summary: "Get the progress of an order's fulfillment",
    answers: { 200: sagaView },
    problems: { 404: ['unknown_saga'] },
  })
  async one(@Param('orderId', { schema: orderIdParam }) orderId: string) {
    const saga =
      (await this.engine.inspect(this.database, { definition: fulfillment.name, sagaId: orderId })) ??
      (await this.choreographed.one(orderId));
    if (saga === undefined) throw notFound('unknown_saga', 'No saga has started for this order');
    return saga;
  }
}
