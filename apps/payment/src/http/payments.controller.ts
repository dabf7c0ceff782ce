import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Describe, notFound, viewsOf } from '@millrace/service-chassis/http';
import { DATABASE } from '@millrace/service-chassis/service';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { paymentSummary } from '../projections/payment-summary.projection.ts';
import { orderId, paymentView, type PaymentView } from './payment.dto.ts';

@Controller('payments')
export class PaymentsController {
  constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}

  @Get(':orderId')
  @Describe({
    summary: "Get an order's payment",
    answers: { 200: paymentView },
    problems: { 404: ['unknown_payment'] },
  })
  async one(@Param('orderId', { schema: orderId }) id: string): Promise<PaymentView> {
    const view = await viewsOf(paymentSummary, this.database).one(id);
    if (view === undefined) throw notFound('unknown_payment', 'No payment was requested for this order');
    return view;
  }
}
