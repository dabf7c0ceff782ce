import { Controller, Get, Param } from '@nestjs/common';
import { Describe } from '@millrace/service-chassis/http';
import { orderId, paymentView, type PaymentView } from './payment.dto.ts';
import { PaymentViews } from './views.ts';

@Controller('payments')
export class PaymentsController {
  constructor(private readonly views: PaymentViews) {}

  @Get(':orderId')
  @Describe({
    summary: "An order's payment",
    answers: { 200: paymentView },
    problems: { 404: ['unknown_payment'] },
  })
  one(@Param('orderId', { schema: orderId }) id: string): Promise<PaymentView> {
    return this.views.one(id);
  }
}
