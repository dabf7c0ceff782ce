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
    summary: "An order's shipment, from the carrier's first answer on",
    answers: { 200: shipment.view },
    problems: { 404: ['unknown_shipment'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string) {
    const view = await viewsOf(shipment, this.database).one(orderId);
    if (view === undefined) throw notFound('unknown_shipment', 'Nothing was shipped for this order');
    return view;
  }
}
