import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Describe, notFound } from '@millrace/service-chassis/http';
import { ENTITIES, type Entities } from '@millrace/service-chassis/service';
import { ReservationRow } from '../projections/reservation.entity.ts';
import { orderIdParam, reservationView } from './inventory.dto.ts';

@Controller('reservations')
export class ReservationsController {
  constructor(@Inject(ENTITIES) private readonly entities: Entities) {}

  @Get(':orderId')
  @Describe({
    summary: 'What is held for an order',
    answers: { 200: reservationView },
    problems: { 404: ['unknown_reservation'] },
  })
  async one(@Param('orderId', { schema: orderIdParam }) orderId: string) {
    const row = await this.entities.of(ReservationRow).findOneBy({ orderId });
    if (row === null) throw notFound('unknown_reservation', 'Nothing was asked for this order');
    return { orderId: row.orderId, status: row.status, lines: row.lines };
  }
}
