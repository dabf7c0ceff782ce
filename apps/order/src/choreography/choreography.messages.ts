import { Controller, Inject } from '@nestjs/common';
import {
  choreography as saga,
  inventoryEvents,
  orderEvents,
  paymentEvents,
  shippingEvents,
  type CancellationReason,
} from '@millrace/contracts';
import { streamIds } from '@millrace/event-sourcing';
import { clearTimer, setTimer } from '@millrace/saga';
import { Handles, metadataOf } from '@millrace/service-chassis/messages';
import { COMMAND_HANDLER, type CommandHandler } from '@millrace/service-chassis/service';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { systemClock } from '@millrace/streaming-core/runtime';
import { react, type HeardMessage } from './choreography.ts';
import { CHOREOGRAPHY, type ChoreographySettings } from './order-style.ts';
import { choreographyProcess, deadlineTimer } from './deadline.ts';
import type { ChoreographyEvent, Step, UndoneStep } from './events.ts';
import { streamsOf } from './stream-ids.ts';

interface AboutOrder {
  readonly orderId: string;
}

/** Only choreographed orders, whose messages belong to this saga. */
const followed = { saga, locks: ({ orderId }: AboutOrder) => streamIds(streamsOf(orderId)) };

/** Follows choreographed orders, completes them, and cancels those that have failed and are undone. */
@Controller()
export class ChoreographyMessages {
  constructor(
    @Inject(COMMAND_HANDLER) private readonly commands: CommandHandler,
    @Inject(CHOREOGRAPHY) private readonly settings: ChoreographySettings,
  ) {}

  @Handles(orderEvents.OrderCreated, followed)
  placed({ orderId }: AboutOrder, message: MessageContext) {
    return this.hear(orderId, message, { type: 'placed' });
  }

  @Handles(orderEvents.OrderCancellationRequested, followed)
  cancellationRequested({ orderId }: AboutOrder, message: MessageContext) {
    return this.failed({ orderId, reason: 'cancelled_by_customer' }, message);
  }

  @Handles(inventoryEvents.InventoryReserved, followed)
  reserved(event: AboutOrder, message: MessageContext) {
    return this.done('reserve', event, message);
  }

  @Handles(paymentEvents.PaymentProcessed, followed)
  paid(event: AboutOrder, message: MessageContext) {
    return this.done('pay', event, message);
  }

  @Handles(shippingEvents.ShipmentScheduled, followed)
  scheduled(event: AboutOrder, message: MessageContext) {
    return this.done('ship', event, message);
  }

  @Handles(inventoryEvents.ReservationCommitted, followed)
  committed(event: AboutOrder, message: MessageContext) {
    return this.done('commit', event, message);
  }

  @Handles(inventoryEvents.InventoryReserveFailed, followed)
  notReserved(event: AboutOrder & Failure, message: MessageContext) {
    return this.failed(event, message);
  }

  @Handles(paymentEvents.PaymentFailed, followed)
  notPaid(event: AboutOrder & Failure, message: MessageContext) {
    return this.failed(event, message);
  }

  @Handles(shippingEvents.ShipmentFailed, followed)
  notScheduled(event: AboutOrder & Failure, message: MessageContext) {
    return this.failed(event, message);
  }

  @Handles(inventoryEvents.InventoryReleased, followed)
  released(event: AboutOrder, message: MessageContext) {
    return this.undone('reserve', event, message);
  }

  @Handles(paymentEvents.PaymentRefunded, followed)
  refunded(event: AboutOrder, message: MessageContext) {
    return this.undone('pay', event, message);
  }

  @Handles(shippingEvents.ShipmentCancelled, followed)
  cancelled(event: AboutOrder, message: MessageContext) {
    return this.undone('ship', event, message);
  }

  private done(step: Step, { orderId }: AboutOrder, message: MessageContext): Promise<void> {
    return this.hear(orderId, message, { type: 'done', step });
  }

  private undone(step: UndoneStep, { orderId }: AboutOrder, message: MessageContext): Promise<void> {
    return this.hear(orderId, message, { type: 'undone', step });
  }

  private failed({ orderId, reason }: AboutOrder & Failure, message: MessageContext): Promise<void> {
    return this.hear(orderId, message, { type: 'failed', reason });
  }

  private async hear(orderId: string, message: MessageContext, what: HeardMessage): Promise<void> {
    const now = systemClock.now();
    const at = new Date(now).toISOString();
    const recorded = await this.commands.handleAcross(message, streamsOf(orderId), (states) =>
      react({ ...what, at }, states),
    );
    const { events, state } = recorded.choreography;
    const started = events.some(({ event }) => event.type === 'ChoreographyStarted');
    const isRunning = state.status === 'running';
    if (isRunning && (started || what.type === 'placed')) await this.setDeadline(orderId, message, now);
    if (!started && !isRunning && events.some(({ event }) => endsRunning(event)))
      await clearTimer(message.transaction, choreographyProcess, { id: orderId, timer: deadlineTimer });
  }

  /** The timer has an owner once the order itself was heard of, since only its topic has owners. */
  private setDeadline(orderId: string, message: MessageContext, now: number): Promise<void> {
    const { topic, partition } = message;
    return setTimer(message.transaction, choreographyProcess, {
      id: orderId,
      timer: deadlineTimer,
      afterMs: this.settings.deadlineMs,
      now,
      metadata: metadataOf(message),
      ...(topic === choreographyProcess.startTopic && { partition }),
    });
  }
}

/** After these events, nothing can end the order but the answers that are on their way. */
const endsRunning = (event: ChoreographyEvent): boolean =>
  event.type === 'ChoreographyFailed' || (event.type === 'StepDone' && event.step === 'complete');

interface Failure {
  readonly reason: CancellationReason;
}
