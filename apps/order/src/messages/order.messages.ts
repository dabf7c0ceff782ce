import { Controller, Inject } from '@nestjs/common';
import { orderCommands, type CancelOrder, type CompleteOrder } from '@millrace/contracts';
import { decideAndAppend, isRejected, type EventStore } from '@millrace/event-sourcing';
import { Handles, metadataOf, recording } from '@millrace/service-chassis/messages';
import { EVENT_STORE } from '@millrace/service-chassis/service';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import type { OrderCommand } from '../domain/commands.ts';
import { order } from '../domain/decide.ts';
import { orderStream } from '../streams.ts';

const locks = ({ orderId }: CompleteOrder | CancelOrder) => [orderStream(orderId)];

/**
 * The commands to the order service. The saga's replies are handled by its engine, and product
 * prices by their projection.
 */
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

  /**
   * A command that the domain refuses here can never succeed: it goes to the dead letters, with the
   * reason.
   */
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
