import { Controller, Get, Param } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Describe, notFound } from '@millrace/service-chassis/http';
import type { Repository } from 'typeorm';
import { PaymentSummary } from '../projections/payment-summary.entity.ts';
import { orderId as orderIdParam, paymentView, type PaymentView } from './payment.dto.ts';

@Controller('payments')
export class PaymentsController {
  constructor(@InjectRepository(PaymentSummary) private readonly rows: Repository<PaymentSummary>) {}

  @Get(':orderId')
  @Describe({
    summary: "Get an order's payment",
    answers: { 200: paymentView },
    problems: { 404: ['unknown_payment'] },
  })
  async one(@Param('orderId', { schema: orderIdParam }) id: string): Promise<PaymentView> {
    const row = await this.rows.findOneBy({ orderId: id });
    if (row === null) throw notFound('unknown_payment', 'No payment was requested for this order');
    const { orderId, status, amount, currency, reason } = row;
    const money = amount === null || currency === null ? null : { amount, currency };
    return { orderId, status, amount: money, ...(reason !== null && { reason }) };
  }
}
