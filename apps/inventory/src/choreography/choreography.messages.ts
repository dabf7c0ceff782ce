import { Controller, Inject } from '@nestjs/common';
import {
  choreography as saga,
  orderEvents,
  type OrderCompleted,
  type OrderCreated,
  type OrderFailed,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import { decideOrderStock, type OrderStockCommand } from '../domain/reservation.ts';
import { streamsOfOrder } from '../stream-ids.ts';

/** Reserves, releases and ships the stock of choreographed orders, as the events of order tell it. */
@Controller()
export class ChoreographyMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler) {}

  @Handles(orderEvents.OrderCreated, { saga, locks: (order) => streamIds(streamsOfOrder(order)) })
  async reserve({ orderId, customerId, lines }: OrderCreated, message: MessageContext) {
    const ordered = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    await this.decide({ type: 'ReserveInventory', orderId, customerId, lines: ordered }, message);
  }

  @Handles(orderEvents.OrderFailed, { saga, locks: (order) => streamIds(streamsOfOrder(order)) })
  async release({ orderId, lines }: OrderFailed, message: MessageContext) {
    await this.decide({ type: 'ReleaseInventory', orderId, lines }, message);
  }

  @Handles(orderEvents.OrderCompleted, {
    saga,
    locks: ({ orderId, lines = [] }) => streamIds(streamsOfOrder({ orderId, lines })),
  })
  async commit({ orderId, lines }: OrderCompleted, message: MessageContext) {
    if (lines === undefined)
      throw new TerminalError(`OrderCompleted of the choreographed order ${orderId} names no lines`);
    await this.decide({ type: 'CommitReservation', orderId, lines }, message);
  }

  private async decide(command: OrderStockCommand, message: MessageContext): Promise<void> {
    await this.commands.handleAcross(message, streamsOfOrder(command), (states) =>
      decideOrderStock(command, states),
    );
  }
}
