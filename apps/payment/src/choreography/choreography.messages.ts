import { Controller, Inject } from '@nestjs/common';
import {
  choreography as saga,
  inventoryEvents,
  orderEvents,
  paymentCommands,
  type InventoryReserved,
  type OrderFailed,
  type PaymentDetails,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import { refundPayment, type CardCall } from '../domain/payment.ts';
import { paying } from '../stream-ids.ts';
import { awaitedPayment, payOnceComplete, type AwaitedPaymentEvent } from './awaited-payment.ts';

export const awaitedPaymentStream = (orderId: string): string => `awaited-payment-${orderId}`;

interface Charged {
  readonly orderId: string;
  readonly customerId: string;
}

/** The streams of the payment and the account, and of what has arrived for the payment. */
const streamsOf = (order: Charged) =>
  ({ ...paying(order), awaited: [awaitedPayment, awaitedPaymentStream(order.orderId)] }) as const;

/**
 * Charges a choreographed order once its stock is reserved and its details have arrived, in either
 * order, and refunds one that has failed.
 */
@Controller()
export class ChoreographyMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<CardCall>) {}

  @Handles(paymentCommands.PaymentDetails, { locks: (details) => streamIds(streamsOf(details)) })
  details({ orderId, customerId, amount, paymentMethod }: PaymentDetails, message: MessageContext) {
    return this.arrived({ orderId, customerId }, message, {
      type: 'PaymentDetailsReceived',
      orderId,
      customerId,
      amount,
      personal: { subject: customerId, paymentMethod },
    });
  }

  @Handles(inventoryEvents.InventoryReserved, {
    saga,
    locks: ({ orderId, customerId }) =>
      customerId === undefined ? [] : streamIds(streamsOf({ orderId, customerId })),
  })
  async reserved({ orderId, customerId }: InventoryReserved, message: MessageContext) {
    if (customerId === undefined)
      throw new TerminalError(`InventoryReserved of the choreographed order ${orderId} names no customer`);
    await this.arrived({ orderId, customerId }, message, { type: 'ReservationSeen', orderId });
  }

  @Handles(orderEvents.OrderFailed, { saga, locks: (order) => streamIds(paying(order)) })
  async refund({ orderId, customerId }: OrderFailed, message: MessageContext) {
    const command = { type: 'RefundPayment', orderId, customerId } as const;
    await this.commands.handleAcross({ ...message, saga }, paying(command), ({ payment }) =>
      refundPayment(command, { payment, isReturned: false }, message.id),
    );
  }

  private async arrived(order: Charged, message: MessageContext, event: AwaitedPaymentEvent): Promise<void> {
    await this.commands.handleAcross({ ...message, saga }, streamsOf(order), (states) =>
      payOnceComplete(event, states),
    );
  }
}
