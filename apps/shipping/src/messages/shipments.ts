import { Inject, Injectable } from '@nestjs/common';
import {
  decideAndAppend,
  isRejected,
  loadState,
  type EventMetadata,
  type EventStore,
} from '@millrace/event-sourcing';
import { recording } from '@millrace/service-chassis/messages';
import { EVENT_STORE } from '@millrace/service-chassis/service';
import { TerminalError } from '@millrace/streaming-core/consumer';
import { requestExternalCall } from '@millrace/streaming-core/external-calls';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { shipment, type ShipmentCommand } from '../domain/shipment.ts';
import type { BookingOutcome } from '../ports/carrier.ts';
import { carrierCall } from '../ports/carrier-calls.ts';
import { shipmentStream } from '../streams.ts';

/** Decides, records, and asks the carrier by an intent in the same transaction. */
@Injectable()
export class Shipments {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  /** The caller holds the shipment's stream. A command that the domain refuses can never succeed: `TerminalError`. */
  async handle(
    transaction: SqlTransaction,
    command: ShipmentCommand,
    metadata: EventMetadata,
  ): Promise<void> {
    const stream = shipmentStream(command.orderId);
    const outcome = await decideAndAppend({
      transaction,
      store: this.store,
      decider: shipment,
      stream,
      command,
      ...recording(metadata),
    });
    if (isRejected(outcome)) throw new TerminalError(`${command.type} is refused: ${outcome.rejected}`);
    for (const { event } of outcome.events) {
      const call = carrierCall(event, metadata);
      if (call !== undefined) await requestExternalCall(transaction, call);
    }
  }

  /**
   * The carrier's answer to a booking; the caller holds the shipment's stream, as in what follows. Where the order was cancelled while it was asked, what follows answers the cancellation: it is
   * that command's id that the saga waits for.
   */
  async bookingSettled(
    transaction: SqlTransaction,
    orderId: string,
    outcome: BookingOutcome,
    asked: EventMetadata,
  ): Promise<void> {
    const { state } = await loadState(transaction, this.store, shipment, shipmentStream(orderId));
    const causationId =
      state.status === 'booking' && state.cancelledBy !== undefined ? state.cancelledBy : asked.causationId;
    await this.handle(transaction, { type: 'RecordBooking', orderId, outcome }, { ...asked, causationId });
  }

  async cancellationSettled(
    transaction: SqlTransaction,
    orderId: string,
    asked: EventMetadata,
  ): Promise<void> {
    await this.handle(transaction, { type: 'RecordBookingCancelled', orderId }, asked);
  }

  async delivered(transaction: SqlTransaction, orderId: string, asked: EventMetadata): Promise<void> {
    await this.handle(transaction, { type: 'RecordDelivery', orderId }, asked);
  }
}
