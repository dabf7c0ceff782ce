import { Controller, Inject } from '@nestjs/common';
import {
  inventoryCommands,
  type CommitReservation,
  type ReleaseInventory,
  type ReserveInventory,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { decideOrderStock, reservation } from './domain/reservation.ts';
import { stock } from './domain/stock.ts';
import { reservationStream, stockStreams } from './stream-ids.ts';

type Command = ReserveInventory | ReleaseInventory | CommitReservation;

/** The streams of the order's reservation and of every SKU that the command names. */
const streamsOf = ({ orderId, lines }: Command) =>
  ({ reservation: [reservation, reservationStream(orderId)], stock: [stock, stockStreams(lines)] }) as const;

const locks = (command: Command) => streamIds(streamsOf(command));

/** Only the reservation's events are public. */
const answers = ({ orderId }: Command) =>
  ({ reservation: [reservation, reservationStream(orderId)] }) as const;

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

  private decide(command: Command, message: MessageContext) {
    return this.commands.handleAcross(message, streamsOf(command), (states) =>
      decideOrderStock(command, states),
    );
  }
}
