import { Controller, Inject } from '@nestjs/common';
import {
  choreography as saga,
  orderEvents,
  paymentEvents,
  shippingCommands,
  type OrderFailed,
  type PaymentProcessed,
  type ShippingDetails,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { shipment, type CarrierCall } from '../domain/shipment.ts';
import { shipmentStream } from '../stream-ids.ts';
import { awaitedShipment, bookOnceComplete, type AwaitedShipmentEvent } from './awaited-shipment.ts';

export const awaitedShipmentStream = (orderId: string): string => `awaited-shipment-${orderId}`;

/** The streams of the shipment, and of what has arrived for it. */
const streamsOf = ({ orderId }: { readonly orderId: string }) =>
  ({
    shipment: [shipment, shipmentStream(orderId)],
    awaited: [awaitedShipment, awaitedShipmentStream(orderId)],
  }) as const;

/**
 * Books the shipment of a choreographed order once it is paid and its details have arrived, in either
 * order, and cancels that of one that has failed. `ShippingMessages` dispatches orders of both styles.
 */
@Controller()
export class ChoreographyMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<CarrierCall>) {}

  @Handles(shippingCommands.ShippingDetails, { locks: (details) => streamIds(streamsOf(details)) })
  details({ orderId, customerId, address }: ShippingDetails, message: MessageContext) {
    return this.arrived(message, {
      type: 'ShippingDetailsReceived',
      orderId,
      customerId,
      personal: { subject: customerId, address },
    });
  }

  @Handles(paymentEvents.PaymentProcessed, {
    saga,
    locks: (payment) => streamIds(streamsOf(payment)),
  })
  paid({ orderId }: PaymentProcessed, message: MessageContext) {
    return this.arrived(message, { type: 'PaymentSeen', orderId });
  }

  @Handles(orderEvents.OrderFailed, { saga, locks: ({ orderId }) => [shipmentStream(orderId)] })
  async cancel({ orderId }: OrderFailed, message: MessageContext) {
    const command = { type: 'CancelShipment', orderId, commandId: message.id } as const;
    await this.commands.handle({ ...message, saga }, shipment, shipmentStream(orderId), command);
  }

  private async arrived(message: MessageContext, event: AwaitedShipmentEvent): Promise<void> {
    await this.commands.handleAcross({ ...message, saga }, streamsOf(event), (states) =>
      bookOnceComplete(event, states),
    );
  }
}
