import { Controller, Get, Inject, Param } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { Describe, notFound, viewsOf } from '@millrace/service-chassis/http';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { shipment } from '../projections/shipment.projection.ts';

@Controller('shipments')
export class ShipmentsController {
  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Get(':orderId')
  @Describe({
    summary: "Get an order's shipment, once the carrier has answered",
    answers: { 200: shipment.view },
    problems: { 404: ['unknown_shipment'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string) {
    const view = await viewsOf(shipment, this.database).one(orderId);
    if (view === undefined) throw notFound('unknown_shipment', 'There is no shipment for this order yet');
    return view;
  }
}
