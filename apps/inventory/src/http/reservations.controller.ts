import { Controller, Get, Param } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Describe, notFound } from '@millrace/service-chassis/http';
import type { Repository } from 'typeorm';
import { Reservation } from '../projections/reservation.entity.ts';
import { orderIdParam, reservationView } from './inventory.dto.ts';

@Controller('reservations')
export class ReservationsController {
  constructor(@InjectRepository(Reservation) private readonly rows: Repository<Reservation>) {}

  @Get(':orderId')
  @Describe({
    summary: 'Get the units held for an order',
    answers: { 200: reservationView },
    problems: { 404: ['unknown_reservation'] },
  })
  async one(@Param('orderId', { schema: orderIdParam }) orderId: string) {
    const row = await this.rows.findOneBy({ orderId });
    if (row === null) throw notFound('unknown_reservation', 'No reservation was requested for this order');
    const { status, lines } = row;
    return { orderId, status, lines };
  }
}
