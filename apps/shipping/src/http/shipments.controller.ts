import { Controller, Get, Inject, Param } from '@nestjs/common';
import { fields } from '@millrace/contracts';
import { Describe, notFound } from '@millrace/service-chassis/http';
import { ENTITIES, type Entities } from '@millrace/service-chassis/service';
import { z } from 'zod';
import { ShipmentRow } from '../projections/shipment.entity.ts';

const shipmentView = z.object({
  orderId: fields.orderId,
  status: z.enum(['scheduled', 'dispatched', 'delivered', 'cancelled', 'refused']),
});

@Controller('shipments')
export class ShipmentsController {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  @Get(':orderId')
  @Describe({
    summary: "An order's shipment, from the carrier's first answer on",
    answers: { 200: shipmentView },
    problems: { 404: ['unknown_shipment'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string) {
    const row = await this.entities.of(ShipmentRow).findOneBy({ orderId });
    if (row === null) throw notFound('unknown_shipment', 'Nothing was shipped for this order');
    return { orderId: row.orderId, status: row.status };
  }
}
