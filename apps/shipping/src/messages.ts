import { Controller, Inject } from '@nestjs/common';
import {
  orderEvents,
  shippingCommands,
  type CancelShipment,
  type OrderCompleted,
  type ScheduleShipment,
} from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { shipment, type CarrierCall } from './domain/shipment.ts';
import { shipmentStream } from './stream-ids.ts';

const locks = ({ orderId }: ScheduleShipment | CancelShipment | OrderCompleted) => [shipmentStream(orderId)];

const answers = ({ orderId }: ScheduleShipment | CancelShipment) =>
  ({ shipment: [shipment, shipmentStream(orderId)] }) as const;

@Controller()
export class ShippingMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<CarrierCall>) {}

  @Handles(shippingCommands.ScheduleShipment, { locks, answers })
  schedule(command: ScheduleShipment, message: MessageContext) {
    return this.commands.handle(message, shipment, shipmentStream(command.orderId), command);
  }

  @Handles(shippingCommands.CancelShipment, { locks, answers })
  cancel({ orderId }: CancelShipment, message: MessageContext) {
    const command = { type: 'CancelShipment', orderId, commandId: message.id } as const;
    return this.commands.handle(message, shipment, shipmentStream(orderId), command);
  }

  /** Dispatches the shipment of a completed order. */
  @Handles(orderEvents.OrderCompleted, { locks })
  dispatch({ orderId }: OrderCompleted, message: MessageContext) {
    return this.commands.handle(message, shipment, shipmentStream(orderId), { type: 'Dispatch', orderId });
  }
}
