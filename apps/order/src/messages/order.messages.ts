import { Controller, Inject } from '@nestjs/common';
import { orderCommands, type CancelOrder, type CompleteOrder } from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import { STREAMS, type Streams } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { order } from '../domain/decide.ts';
import { completeOrder } from '../fulfillment/complete-order.ts';
import { orderStream } from '../streams.ts';

const locks = ({ orderId }: CompleteOrder | CancelOrder) => [orderStream(orderId)];

const answers = ({ orderId }: CompleteOrder | CancelOrder) =>
  ({ order: [order, orderStream(orderId)] }) as const;

/**
 * Handles the commands to the order service. The saga's engine handles the replies, and a
 * projection handles the product prices.
 */
@Controller()
export class OrderMessages {
  constructor(@Inject(STREAMS) private readonly streams: Streams) {}

  /** Only sagas of version 1 send this command. Later versions decide it without a message. */
  @Handles(orderCommands.CompleteOrder, { locks, answers })
  complete(command: CompleteOrder, message: MessageContext) {
    return this.streams.handle(
      message,
      order,
      orderStream(command.orderId),
      completeOrder(command, message.time),
    );
  }

  @Handles(orderCommands.CancelOrder, { locks, answers })
  cancel({ orderId, reason }: CancelOrder, message: MessageContext) {
    const command = { type: 'CancelOrder', orderId, reason, cancelledAt: message.time } as const;
    return this.streams.handle(message, order, orderStream(orderId), command);
  }
}
