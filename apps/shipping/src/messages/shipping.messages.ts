import { Controller } from '@nestjs/common';
import {
  orderEvents,
  shippingCommands,
  type CancelShipment,
  type OrderCompleted,
  type ScheduleShipment,
} from '@millrace/contracts';
import { Handles, metadataOf } from '@millrace/service-chassis/messages';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { shipmentStream } from '../streams.ts';
import { Shipments } from './shipments.ts';

const locks = ({ orderId }: ScheduleShipment | CancelShipment | OrderCompleted) => [shipmentStream(orderId)];

@Controller()
export class ShippingMessages {
  constructor(private readonly shipments: Shipments) {}

  @Handles(shippingCommands.ScheduleShipment, { locks })
  schedule({ orderId, address }: ScheduleShipment, message: MessageContext): Promise<void> {
    return this.shipments.handle(
      message.transaction,
      { type: 'ScheduleShipment', orderId, address },
      metadataOf(message),
    );
  }

  @Handles(shippingCommands.CancelShipment, { locks })
  cancel({ orderId }: CancelShipment, message: MessageContext): Promise<void> {
    return this.shipments.handle(
      message.transaction,
      { type: 'CancelShipment', orderId, commandId: message.id },
      metadataOf(message),
    );
  }

  /** A completed order leaves the house. */
  @Handles(orderEvents.OrderCompleted, { locks })
  dispatch({ orderId }: OrderCompleted, message: MessageContext): Promise<void> {
    return this.shipments.handle(message.transaction, { type: 'Dispatch', orderId }, metadataOf(message));
  }
}
