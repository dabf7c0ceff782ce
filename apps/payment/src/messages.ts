import { Controller, Inject } from '@nestjs/common';
import {
  paymentCommands,
  type ProcessPayment,
  type RefundPayment,
  type RefundReturn,
  type ReverseReturnRefund,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { account } from './domain/account.ts';
import { payment, processPayment, refundPayment, type CardCall } from './domain/payment.ts';
import {
  hasReturned,
  refundReturn,
  returnRefund,
  reverseReturnRefund,
  type ReturnCall,
} from './domain/return-refund.ts';
import { accountStream, paying, paymentStream, returnStream } from './stream-ids.ts';

/** The same streams, and that of the refund of the order's return. */
const refunding = ({ orderId, customerId }: RefundPayment | RefundReturn | ReverseReturnRefund) =>
  ({
    payment: [payment, paymentStream(orderId)],
    customer: [account, accountStream(customerId)],
    returned: [returnRefund, returnStream(orderId)],
  }) as const;

const ofPayment = ({ orderId }: ProcessPayment | RefundPayment) =>
  ({ payment: [payment, paymentStream(orderId)] }) as const;

const ofReturn = ({ orderId }: RefundReturn | ReverseReturnRefund) =>
  ({ returned: [returnRefund, returnStream(orderId)] }) as const;

const locksOfPayment = (command: ProcessPayment) => streamIds(paying(command));
const locksOfRefund = (command: Parameters<typeof refunding>[0]) => streamIds(refunding(command));

@Controller()
export class PaymentMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<CardCall | ReturnCall>) {}

  @Handles(paymentCommands.ProcessPayment, { locks: locksOfPayment, answers: ofPayment })
  process(command: ProcessPayment, message: MessageContext) {
    return this.commands.handleAcross(message, paying(command), (states) => processPayment(command, states));
  }

  @Handles(paymentCommands.RefundPayment, { locks: locksOfRefund, answers: ofPayment })
  refund(command: RefundPayment, message: MessageContext) {
    return this.commands.handleAcross(message, refunding(command), (states) =>
      refundPayment(
        command,
        { payment: states.payment, isReturned: hasReturned(states.returned) },
        message.id,
      ),
    );
  }

  @Handles(paymentCommands.RefundReturn, { locks: locksOfRefund, answers: ofReturn })
  refundReturn(command: RefundReturn, message: MessageContext) {
    return this.commands.handleAcross(message, refunding(command), (states) => refundReturn(command, states));
  }

  @Handles(paymentCommands.ReverseReturnRefund, { locks: locksOfRefund, answers: ofReturn })
  reverseReturnRefund(command: ReverseReturnRefund, message: MessageContext) {
    return this.commands.handleAcross(message, refunding(command), (states) =>
      reverseReturnRefund(command, states, message.id),
    );
  }
}
