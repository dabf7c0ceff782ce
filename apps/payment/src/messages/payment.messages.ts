import { Controller } from '@nestjs/common';
import { paymentCommands, type ProcessPayment, type RefundPayment } from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { accountStream, paymentStream } from '../streams.ts';
import { Payments } from './payments.ts';

/** A payment and the ledger it moves, locked together for the batch. */
const locks = ({ orderId, customerId }: ProcessPayment | RefundPayment) => [
  paymentStream(orderId),
  accountStream(customerId),
];

@Controller()
export class PaymentMessages {
  constructor(private readonly payments: Payments) {}

  @Handles(paymentCommands.ProcessPayment, { locks })
  process(command: ProcessPayment, message: MessageContext) {
    return this.payments.process(command, message);
  }

  @Handles(paymentCommands.RefundPayment, { locks })
  refund(command: RefundPayment, message: MessageContext) {
    return this.payments.refund(command, message);
  }
}
