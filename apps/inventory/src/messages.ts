import { Controller, Inject } from '@nestjs/common';
import {
  inventoryCommands,
  type CommitReservation,
  type ReceiveReturn,
  type ReleaseInventory,
  type ReserveInventory,
  type RestockReturn,
  type SendBackReturn,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { decideOrderStock, reservation, type OrderStockCommand } from './domain/reservation.ts';
import { decideReturn, orderReturn } from './domain/return.ts';
import { stock } from './domain/stock.ts';
import { reservationStream, returnStream, stockStreams, streamsOfOrder } from './stream-ids.ts';

type ReturnCommand = ReceiveReturn | SendBackReturn | RestockReturn;

const locks = (command: OrderStockCommand) => streamIds(streamsOfOrder(command));

/** Only the reservation's events are public. */
const answers = ({ orderId }: OrderStockCommand) =>
  ({ reservation: [reservation, reservationStream(orderId)] }) as const;

/** The streams of the order's return, of what it shipped, and of every SKU that the command names. */
const streamsOfReturn = ({ orderId, lines }: ReturnCommand) =>
  ({
    orderReturn: [orderReturn, returnStream(orderId)],
    reservation: [reservation, reservationStream(orderId)],
    stock: [stock, stockStreams(lines)],
  }) as const;

const locksOfReturn = (command: ReturnCommand) => streamIds(streamsOfReturn(command));

const answersOfReturn = ({ orderId }: ReturnCommand) =>
  ({ orderReturn: [orderReturn, returnStream(orderId)] }) as const;

@Controller()
export class InventoryMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler) {}

  @Handles(inventoryCommands.ReserveInventory, { locks, answers })
  reserve(command: ReserveInventory, message: MessageContext) {
    return this.decide(command, message);
  }

  @Handles(inventoryCommands.ReleaseInventory, { locks, answers })
  release(command: ReleaseInventory, message: MessageContext) {
    return this.decide(command, message);
  }

  @Handles(inventoryCommands.CommitReservation, { locks, answers })
  commit(command: CommitReservation, message: MessageContext) {
    return this.decide(command, message);
  }

  @Handles(inventoryCommands.ReceiveReturn, { locks: locksOfReturn, answers: answersOfReturn })
  receiveReturn(command: ReceiveReturn, message: MessageContext) {
    return this.decideReturn(command, message);
  }

  @Handles(inventoryCommands.SendBackReturn, { locks: locksOfReturn, answers: answersOfReturn })
  sendBackReturn(command: SendBackReturn, message: MessageContext) {
    return this.decideReturn(command, message);
  }

  @Handles(inventoryCommands.RestockReturn, { locks: locksOfReturn, answers: answersOfReturn })
  restockReturn(command: RestockReturn, message: MessageContext) {
    return this.decideReturn(command, message);
  }

  private decideReturn(command: ReturnCommand, message: MessageContext) {
    return this.commands.handleAcross(message, streamsOfReturn(command), (states) =>
      decideReturn(command, states),
    );
  }

  private decide(command: OrderStockCommand, message: MessageContext) {
    return this.commands.handleAcross(message, streamsOfOrder(command), (states) =>
      decideOrderStock(command, states),
    );
  }
}
