import { Controller, Inject } from '@nestjs/common';
import { orderCommands, type AnnounceReturn, type CancelOrder, type CloseReturn } from '@millrace/contracts';
import { Handles } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { order } from './domain/order.ts';
import { orderReturn } from './returns/return.ts';
import { orderStream, returnStream } from './stream-ids.ts';

const locks = ({ orderId }: CancelOrder) => [orderStream(orderId)];

const answers = ({ orderId }: CancelOrder) => ({ order: [order, orderStream(orderId)] }) as const;

const locksOfReturn = ({ orderId }: AnnounceReturn | CloseReturn) => [returnStream(orderId)];
const answersOfReturn = ({ orderId }: AnnounceReturn | CloseReturn) =>
  ({ orderReturn: [orderReturn, returnStream(orderId)] }) as const;

/**
 * Handles the commands to the order service. The saga's engine decides `CompleteOrder` and
 * `CompleteReturn` without a message and handles the replies, and a projection handles the product prices.
 */
@Controller()
export class OrderMessages {
  constructor(@Inject(COMMAND_HANDLER) private readonly commands: CommandHandler) {}

  @Handles(orderCommands.CancelOrder, { locks, answers })
  cancel({ orderId, reason }: CancelOrder, message: MessageContext) {
    const command = { type: 'CancelOrder', orderId, reason, cancelledAt: message.time } as const;
    return this.commands.handle(message, order, orderStream(orderId), command);
  }

  @Handles(orderCommands.AnnounceReturn, { locks: locksOfReturn, answers: answersOfReturn })
  announceReturn(command: AnnounceReturn, message: MessageContext) {
    return this.commands.handle(message, orderReturn, returnStream(command.orderId), command);
  }

  @Handles(orderCommands.CloseReturn, { locks: locksOfReturn, answers: answersOfReturn })
  closeReturn({ orderId, reason }: CloseReturn, message: MessageContext) {
    const command = { type: 'CloseReturn', orderId, reason, closedAt: message.time } as const;
    return this.commands.handle(message, orderReturn, returnStream(orderId), command);
  }
}
