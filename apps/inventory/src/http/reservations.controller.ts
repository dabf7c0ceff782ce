import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Describe, notFound, viewsOf } from '@millrace/service-chassis/http';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { reservation } from '../projections/reservation.projection.ts';
import { orderIdParam } from './inventory.dto.ts';

@Controller('reservations')
export class ReservationsController {
  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Get(':orderId')
  @Describe({
    summary: 'Get the units held for an order',
    answers: { 200: reservation.view },
    problems: { 404: ['unknown_reservation'] },
  })
  async one(@Param('orderId', { schema: orderIdParam }) orderId: string) {
    const view = await viewsOf(reservation, this.database).one(orderId);
    if (view === undefined)
      throw notFound('unknown_reservation', 'No reservation was requested for this order');
    return view;
  }
}
