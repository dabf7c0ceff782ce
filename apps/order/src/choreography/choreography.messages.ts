import { Controller, Inject } from '@nestjs/common';
import {
  choreography,
  inventoryEvents,
  isChoreographed,
  orderEvents,
  paymentEvents,
  shippingEvents,
  type CancellationReason,
  type OrderCancellationRequested,
  type OrderCreated,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { clearTimer, setTimer } from '@millrace/saga';
import { Handles, metadataOf } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { systemClock } from '@millrace/streaming-core/runtime';
import { react, type Heard } from './choreography.ts';
import { CHOREOGRAPHY, type ChoreographySettings } from './order-style.ts';
import { choreographyProcess, deadlineTimer } from './deadline.ts';
import type { ChoreographyEvent, Step, UndoneStep } from './events.ts';
import { streamsOf } from './stream-ids.ts';

interface AboutOrder {
  readonly orderId: string;
}

const locks = ({ orderId }: AboutOrder, context: Pick<MessageContext, 'saga'>) =>
  isChoreographed(context) ? streamIds(streamsOf(orderId)) : [];

const locksOfStyle = ({ orderId, style }: OrderCreated | OrderCancellationRequested) =>
  style === 'choreographed' ? streamIds(streamsOf(orderId)) : [];

/** Follows choreographed orders, completes them, and cancels those that have failed and are undone. */
@Controller()
export class ChoreographyMessages {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(CHOREOGRAPHY) private readonly settings: ChoreographySettings,
  ) {}

  @Handles(orderEvents.OrderCreated, { locks: locksOfStyle })
  async placed({ orderId, style }: OrderCreated, message: MessageContext) {
    if (style === 'choreographed') await this.hear(orderId, message, { type: 'placed', at: message.time });
  }

  @Handles(orderEvents.OrderCancellationRequested, { locks: locksOfStyle })
  async cancellationRequested({ orderId, style }: OrderCancellationRequested, message: MessageContext) {
    if (style !== 'choreographed') return;
    const heard = { type: 'failed', reason: 'cancelled_by_customer', at: message.time } as const;
    await this.hear(orderId, message, heard);
  }

  @Handles(inventoryEvents.InventoryReserved, { locks })
  reserved(event: AboutOrder, message: MessageContext) {
    return this.done('reserve', event, message);
  }

  @Handles(paymentEvents.PaymentProcessed, { locks })
  paid(event: AboutOrder, message: MessageContext) {
    return this.done('pay', event, message);
  }

  @Handles(shippingEvents.ShipmentScheduled, { locks })
  scheduled(event: AboutOrder, message: MessageContext) {
    return this.done('ship', event, message);
  }

  @Handles(inventoryEvents.ReservationCommitted, { locks })
  committed(event: AboutOrder, message: MessageContext) {
    return this.done('commit', event, message);
  }

  @Handles(inventoryEvents.InventoryReserveFailed, { locks })
  notReserved(event: AboutOrder & Failure, message: MessageContext) {
    return this.failed(event, message);
  }

  @Handles(paymentEvents.PaymentFailed, { locks })
  notPaid(event: AboutOrder & Failure, message: MessageContext) {
    return this.failed(event, message);
  }

  @Handles(shippingEvents.ShipmentFailed, { locks })
  notScheduled(event: AboutOrder & Failure, message: MessageContext) {
    return this.failed(event, message);
  }

  @Handles(inventoryEvents.InventoryReleased, { locks })
  released(event: AboutOrder, message: MessageContext) {
    return this.undone('reserve', event, message);
  }

  @Handles(paymentEvents.PaymentRefunded, { locks })
  refunded(event: AboutOrder, message: MessageContext) {
    return this.undone('pay', event, message);
  }

  @Handles(shippingEvents.ShipmentCancelled, { locks })
  cancelled(event: AboutOrder, message: MessageContext) {
    return this.undone('ship', event, message);
  }

  private async done(step: Step, { orderId }: AboutOrder, message: MessageContext): Promise<void> {
    if (isChoreographed(message)) await this.hear(orderId, message, { type: 'done', step, at: message.time });
  }

  private async undone(step: UndoneStep, { orderId }: AboutOrder, message: MessageContext): Promise<void> {
    if (isChoreographed(message))
      await this.hear(orderId, message, { type: 'undone', step, at: message.time });
  }

  private async failed({ orderId, reason }: AboutOrder & Failure, message: MessageContext): Promise<void> {
    if (isChoreographed(message))
      await this.hear(orderId, message, { type: 'failed', reason, at: message.time });
  }

  private async hear(orderId: string, message: MessageContext, heard: Heard): Promise<void> {
    const cause = { ...message, saga: choreography };
    const { choreography: followed } = await this.commands.handleAcross(cause, streamsOf(orderId), (states) =>
      react(heard, states),
    );
    const started = followed.events.some(({ event }) => event.type === 'ChoreographyStarted');
    const isRunning = followed.state.status === 'running';
    if (started && isRunning) await this.setDeadline(orderId, cause);
    if (!started && !isRunning && followed.events.some(({ event }) => endsRunning(event)))
      await clearTimer(message.transaction, choreographyProcess, { id: orderId, timer: deadlineTimer });
  }

  private setDeadline(orderId: string, cause: MessageContext): Promise<void> {
    return setTimer(cause.transaction, choreographyProcess, {
      id: orderId,
      timer: deadlineTimer,
      afterMs: this.settings.deadlineMs,
      now: systemClock.now(),
      metadata: metadataOf(cause),
      partition: cause.partition,
    });
  }
}

/** After these events, nothing can end the order but the answers that are on their way. */
const endsRunning = (event: ChoreographyEvent): boolean =>
  event.type === 'ChoreographyFailed' || (event.type === 'StepDone' && event.step === 'complete');

interface Failure {
  readonly reason: CancellationReason;
}
