import { Controller, Get, Param } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { fields } from '@millrace/contracts';
import { Describe, notFound } from '@millrace/service-chassis/http';
import type { Repository } from 'typeorm';
import { z } from 'zod';
import { Shipment } from './projections.ts';

const shipmentView = z.object({
  orderId: fields.orderId,
  status: z.enum(['scheduled', 'dispatched', 'delivered', 'cancelled', 'refused']),
});

@Controller('shipments')
export class ShipmentsController {
  constructor(@InjectRepository(Shipment) private readonly rows: Repository<Shipment>) {}

  @Get(':orderId')
  @Describe({
    summary: "Get an order's shipment, once the carrier has answered",
    answers: { 200: shipmentView },
    problems: { 404: ['unknown_shipment'] },
  })
  async one(@Param('orderId', { schema: fields.orderId }) orderId: string) {
    const row = await this.rows.findOneBy({ orderId });
    if (row === null) throw notFound('unknown_shipment', 'There is no shipment for this order yet');
    return { orderId, status: row.status };
  }
}
