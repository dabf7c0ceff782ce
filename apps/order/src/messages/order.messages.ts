import { Controller, Inject } from '@nestjs/common';
import {
  orderCommands,
  productEvents,
  type CancelOrder,
  type CompleteOrder,
  type ProductDefined,
  type ProductPriceChanged,
} from '@millrace/contracts';
import { decideAndAppend, isRejected, type EventStore } from '@millrace/event-sourcing';
import { Handles, metadataOf, recording } from '@millrace/service-chassis/messages';
import { entityManagerOf, EVENT_STORE } from '@millrace/service-chassis/service';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import { leaveWork } from '@millrace/streaming-core/postgres';
import type { OrderCommand } from '../domain/commands.ts';
import { order } from '../domain/decide.ts';
import { priceFollower } from '../projections/price-waits.ts';
import { ProductPrice } from '../projections/product-price.entity.ts';
import { orderStream } from '../streams.ts';

const locks = ({ orderId }: CompleteOrder | CancelOrder) => [orderStream(orderId)];

/** What the order service reacts to, but for the saga's replies, which its engine handles. */
@Controller()
export class OrderMessages {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  @Handles(orderCommands.CompleteOrder, { locks })
  complete({ orderId }: CompleteOrder, message: MessageContext): Promise<void> {
    return this.decide({ type: 'CompleteOrder', orderId, completedAt: message.time }, message);
  }

  @Handles(orderCommands.CancelOrder, { locks })
  cancel({ orderId, reason }: CancelOrder, message: MessageContext): Promise<void> {
    return this.decide({ type: 'CancelOrder', orderId, reason, cancelledAt: message.time }, message);
  }

  @Handles(productEvents.ProductDefined)
  async productDefined({ sku, price }: ProductDefined, { transaction }: MessageContext): Promise<void> {
    await entityManagerOf(transaction).upsert(ProductPrice, { sku, ...price }, ['sku']);
    leaveWork(transaction, priceFollower);
  }

  @Handles(productEvents.ProductPriceChanged)
  async priceChanged({ sku, price }: ProductPriceChanged, { transaction }: MessageContext): Promise<void> {
    await entityManagerOf(transaction).upsert(ProductPrice, { sku, ...price }, ['sku']);
  }

  /** A command that the domain refuses here can never succeed: it goes to the dead letters, with the reason. */
  private async decide(command: OrderCommand, message: MessageContext): Promise<void> {
    const { transaction } = message;
    const stream = orderStream(command.orderId);
    const outcome = await decideAndAppend({
      transaction,
      store: this.store,
      decider: order,
      stream,
      command,
      ...recording(metadataOf(message)),
    });
    if (isRejected(outcome)) throw new TerminalError(`${command.type} is refused: ${outcome.rejected}`);
  }
}
