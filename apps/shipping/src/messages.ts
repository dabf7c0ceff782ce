import { Controller, Inject } from '@nestjs/common';
import {
  orderEvents,
  shippingCommands,
  type CancelShipment,
  type MakeReturnLabel,
  type OrderCompleted,
  type ScheduleShipment,
  type VoidReturnLabel,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { makeReturnLabel, returnLabel, type LabelCall } from './domain/return-label.ts';
import { shipment, type CarrierCall } from './domain/shipment.ts';
import { returnLabelStream, shipmentStream } from './stream-ids.ts';

const locks = ({ orderId }: ScheduleShipment | CancelShipment | OrderCompleted) => [shipmentStream(orderId)];

const answers = ({ orderId }: ScheduleShipment | CancelShipment) =>
  ({ shipment: [shipment, shipmentStream(orderId)] }) as const;

/** The streams of the label and of the shipment that comes back. */
const streamsOfReturn = ({ orderId }: MakeReturnLabel) =>
  ({
    returnLabel: [returnLabel, returnLabelStream(orderId)],
    shipment: [shipment, shipmentStream(orderId)],
  }) as const;

const answersOfLabel = ({ orderId }: MakeReturnLabel | VoidReturnLabel) =>
  ({ returnLabel: [returnLabel, returnLabelStream(orderId)] }) as const;

@Controller()
export class ShippingMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler<CarrierCall | LabelCall>) {}

  @Handles(shippingCommands.ScheduleShipment, { locks, answers })
  schedule(command: ScheduleShipment, message: MessageContext) {
    return this.commands.handle(message, shipment, shipmentStream(command.orderId), command);
  }

  @Handles(shippingCommands.CancelShipment, { locks, answers })
  cancel({ orderId }: CancelShipment, message: MessageContext) {
    const command = { type: 'CancelShipment', orderId, commandId: message.id } as const;
    return this.commands.handle(message, shipment, shipmentStream(orderId), command);
  }

  @Handles(shippingCommands.MakeReturnLabel, {
    locks: (command) => streamIds(streamsOfReturn(command)),
    answers: answersOfLabel,
  })
  makeLabel(command: MakeReturnLabel, message: MessageContext) {
    return this.commands.handleAcross(message, streamsOfReturn(command), (states) =>
      makeReturnLabel(command, states),
    );
  }

  @Handles(shippingCommands.VoidReturnLabel, {
    locks: ({ orderId }) => [returnLabelStream(orderId)],
    answers: answersOfLabel,
  })
  voidLabel({ orderId }: VoidReturnLabel, message: MessageContext) {
    const command = { type: 'VoidReturnLabel', orderId, commandId: message.id } as const;
    return this.commands.handle(message, returnLabel, returnLabelStream(orderId), command);
  }

  /** Dispatches the shipment of a completed order. */
  @Handles(orderEvents.OrderCompleted, { locks })
  dispatch({ orderId }: OrderCompleted, message: MessageContext) {
    return this.commands.handle(message, shipment, shipmentStream(orderId), { type: 'Dispatch', orderId });
  }
}
