import { Inject, Injectable } from '@nestjs/common';
import type { CommitReservation, OrderLine, ReleaseInventory, ReserveInventory } from '@millrace/contracts';
import { isRejected, loadState, type EventStore, type Rejected } from '@millrace/event-sourcing';
import { metadataOf, recording } from '@millrace/service-chassis/messages';
import { EVENT_STORE } from '@millrace/service-chassis/service';
import { TerminalError, type MessageContext } from '@millrace/streaming-core/consumer';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import {
  commit,
  release,
  reserve,
  type ReservationDecision,
  type ReservationRejection,
} from '../domain/decide-reservation.ts';
import {
  evolveReservation,
  noReservation,
  type Reservation,
  type ReservationEvent,
} from '../domain/reservation.ts';
import { stock, type Stock } from '../domain/stock.ts';
import { reservationStream, stockStream } from '../streams.ts';

type Command = ReserveInventory | ReleaseInventory | CommitReservation;
type Decide = (
  reservation: Reservation,
  stockOf: (sku: string) => Stock,
) => ReservationDecision | Rejected<ReservationRejection>;

const reservationFolding = { initialState: noReservation, evolve: evolveReservation };

/** Loads the reservation and every SKU that the order names, and writes what was decided in one append: all or nothing. */
@Injectable()
export class Reservations {
  constructor(@Inject(EVENT_STORE) private readonly store: EventStore) {}

  reserve(command: ReserveInventory, message: MessageContext): Promise<void> {
    return this.decide(command, message, (reservation, stockOf) => reserve(command, reservation, stockOf));
  }

  release(command: ReleaseInventory, message: MessageContext): Promise<void> {
    return this.decide(command, message, (reservation) => release(command, reservation));
  }

  commit(command: CommitReservation, message: MessageContext): Promise<void> {
    return this.decide(command, message, (reservation) => commit(command, reservation));
  }

  /** A command that the domain refuses here can never succeed: it goes to the dead letters, with the reason. */
  private async decide(
    { type, orderId, lines }: Command,
    message: MessageContext,
    decide: Decide,
  ): Promise<void> {
    const { transaction } = message;
    const reservation = await loadState<ReservationEvent, Reservation>(
      transaction,
      this.store,
      reservationFolding,
      reservationStream(orderId),
    );
    const shelves = await this.shelvesOf(lines, transaction);
    const decision = decide(reservation.state, (sku) => shelves.get(sku)?.state ?? stock.initialState);
    if (isRejected(decision)) throw new TerminalError(`${type} is refused: ${decision.rejected}`);
    const undeclared = decision.stock.find(({ sku }) => !shelves.has(sku));
    if (undeclared !== undefined)
      throw new TerminalError(`${type} does not name ${undeclared.sku}, which is held for order ${orderId}`);
    const appends = [
      { stream: reservationStream(orderId), expected: reservation.version, events: decision.reservation },
      ...[...shelves].map(([sku, { version }]) => ({
        stream: stockStream(sku),
        expected: version,
        events: decision.stock.filter((event) => event.sku === sku),
      })),
    ].filter(({ events }) => events.length > 0);
    if (appends.length > 0) await this.store.append(transaction, appends, recording(metadataOf(message)));
  }

  private async shelvesOf(lines: readonly OrderLine[], transaction: SqlTransaction) {
    const shelves = new Map<string, { state: Stock; version: bigint }>();
    for (const { sku } of lines)
      shelves.set(sku, await loadState(transaction, this.store, stock, stockStream(sku)));
    return shelves;
  }
}
