import { Controller, Inject } from '@nestjs/common';
import { paymentCommands, type ProcessPayment, type RefundPayment } from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { account } from './domain/account.ts';
import { payment, processPayment, refundPayment, type CardCall } from './domain/payment.ts';
import { accountStream, paymentStream } from './stream-ids.ts';

/** The streams of a payment and of the account that it charges. */
const streamsOf = ({ orderId, customerId }: ProcessPayment | RefundPayment) =>
  ({ payment: [payment, paymentStream(orderId)], customer: [account, accountStream(customerId)] }) as const;

const locks = (command: ProcessPayment | RefundPayment) => streamIds(streamsOf(command));

const answers = ({ orderId }: ProcessPayment | RefundPayment) =>
  ({ payment: [payment, paymentStream(orderId)] }) as const;

@Controller()
export class PaymentMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<CardCall>) {}

  @Handles(paymentCommands.ProcessPayment, { locks, answers })
  process(command: ProcessPayment, message: MessageContext) {
    return this.commands.handleAcross(message, streamsOf(command), (states) =>
      processPayment(command, states),
    );
  }

  @Handles(paymentCommands.RefundPayment, { locks, answers })
  refund(command: RefundPayment, message: MessageContext) {
    return this.commands.handleAcross(message, streamsOf(command), (states) =>
      refundPayment(command, states, message.id),
    );
  }
}
