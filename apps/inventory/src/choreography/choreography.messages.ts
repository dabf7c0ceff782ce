import { Controller, Inject } from '@nestjs/common';
import {
  choreography,
  isChoreographed,
  orderEvents,
  type OrderCompleted,
  type OrderCreated,
  type OrderFailed,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { decideOrderStock, type OrderStockCommand } from '../domain/reservation.ts';
import { streamsOfOrder } from '../stream-ids.ts';

/** Reserves, releases and ships the stock of choreographed orders, as the events of order tell it. */
@Controller()
export class ChoreographyMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler) {}

  @Handles(orderEvents.OrderCreated, {
    locks: (order) => (order.style === 'choreographed' ? streamIds(streamsOfOrder(order)) : []),
  })
  async reserve({ orderId, customerId, lines, style }: OrderCreated, message: MessageContext) {
    if (style !== 'choreographed') return;
    const ordered = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    await this.decide({ type: 'ReserveInventory', orderId, customerId, lines: ordered }, message);
  }

  @Handles(orderEvents.OrderFailed, { locks: (order) => streamIds(streamsOfOrder(order)) })
  async release({ orderId, lines }: OrderFailed, message: MessageContext) {
    await this.decide({ type: 'ReleaseInventory', orderId, lines }, message);
  }

  @Handles(orderEvents.OrderCompleted, {
    locks: ({ orderId, lines }, context) =>
      isChoreographed(context) && lines !== undefined ? streamIds(streamsOfOrder({ orderId, lines })) : [],
  })
  async commit({ orderId, lines }: OrderCompleted, message: MessageContext) {
    if (!isChoreographed(message) || lines === undefined) return;
    await this.decide({ type: 'CommitReservation', orderId, lines }, message);
  }

  private async decide(command: OrderStockCommand, message: MessageContext): Promise<void> {
    await this.commands.handleAcross({ ...message, saga: choreography }, streamsOfOrder(command), (states) =>
      decideOrderStock(command, states),
    );
  }
}
