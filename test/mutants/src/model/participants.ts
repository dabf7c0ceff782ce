import type {
  CancelShipment,
  CommitReservation,
  ProcessPayment,
  RefundPayment,
  ReleaseInventory,
  ReserveInventory,
  ScheduleShipment,
} from '@millrace/contracts';
import { foldEvents, isRejected, type Rejected } from '@millrace/event-sourcing';
import {
  commit,
  release,
  reserve,
  type ReservationDecision,
} from '../../../../apps/inventory/src/domain/decide-reservation.ts';
import {
  evolveReservation,
  noReservation,
  type Reservation,
} from '../../../../apps/inventory/src/domain/reservation.ts';
import { stock, type Stock } from '../../../../apps/inventory/src/domain/stock.ts';
import { publicMessages as inventoryMessages } from '../../../../apps/inventory/src/messages/public-messages.ts';
import { account, type Account } from '../../../../apps/payment/src/domain/account.ts';
import {
  chargeSettled,
  processPayment,
  refundPayment,
  refundSettled,
  type PaymentDecision,
} from '../../../../apps/payment/src/domain/decide-payment.ts';
import { evolvePayment, noPayment, type Payment } from '../../../../apps/payment/src/domain/payment.ts';
import { publicMessages as paymentMessages } from '../../../../apps/payment/src/messages/public-messages.ts';
import {
  shipment,
  type Shipment,
  type ShipmentCommand,
} from '../../../../apps/shipping/src/domain/shipment.ts';
import { publicMessages as shippingMessages } from '../../../../apps/shipping/src/messages/public-messages.ts';
import type { Letter, ModelLog } from './log.ts';

/** A call to an outside system that is to be made; it is made once, at any time. */
export type ExternalCall = () => void;

/** What every participant has: the log, its calls outside, and the commands that its domain refused. */
export interface House {
  readonly log: ModelLog;
  readonly calls: ExternalCall[];
  readonly deadLetters: string[];
}

/** Inventory as `apps/inventory/src/messages/reservations.ts` wires it, without a database. */
export class InventoryModel {
  readonly shelves = new Map<string, Stock>();
  readonly #reservations = new Map<string, Reservation>();
  readonly #house: House;

  constructor(house: House, units: Readonly<Record<string, number>>) {
    this.#house = house;
    for (const [sku, quantity] of Object.entries(units))
      this.shelves.set(
        sku,
        foldEvents(stock, [
          { type: 'ProductDefined', sku, name: sku, price: { amount: 1, currency: 'EUR' } },
          { type: 'StockReceived', sku, quantity },
        ]),
      );
  }

  take({ id, key, message }: Letter): void {
    const command = message as ReserveInventory | ReleaseInventory | CommitReservation;
    const reservation = this.#reservations.get(key) ?? noReservation;
    const stockOf = (sku: string) => this.shelves.get(sku) ?? stock.initialState;
    const outcome: ReservationDecision | Rejected =
      command.type === 'ReserveInventory'
        ? reserve(command, reservation, stockOf)
        : command.type === 'ReleaseInventory'
          ? release(command, reservation)
          : commit(command, reservation);
    if (isRejected(outcome)) return void this.#house.deadLetters.push(`${command.type}: ${outcome.rejected}`);
    for (const event of outcome.stock) this.shelves.set(event.sku, stock.evolve(stockOf(event.sku), event));
    this.#reservations.set(key, outcome.reservation.reduce(evolveReservation, reservation));
    this.#house.log.publish(outcome.reservation.flatMap(inventoryMessages), id);
  }
}

/** Payment as `apps/payment/src/messages/payments.ts` wires it, with a provider that keeps books of its own. */
export class PaymentModel {
  readonly accounts = new Map<string, Account>();
  /** At the provider, by order. */
  readonly charged = new Map<string, number>();
  readonly #payments = new Map<string, Payment>();
  readonly #refundAskedBy = new Map<string, string>();
  readonly #house: House;

  constructor(house: House, balances: Readonly<Record<string, number>>) {
    this.#house = house;
    for (const [accountId, amount] of Object.entries(balances))
      this.accounts.set(
        accountId,
        foldEvents(account, [
          { type: 'AccountCreated', accountId, currency: 'EUR' },
          { type: 'MoneyDeposited', accountId, amount },
        ]),
      );
  }

  take({ id, key, message }: Letter): void {
    const command = message as ProcessPayment | RefundPayment;
    const decision =
      command.type === 'ProcessPayment'
        ? processPayment(
            command,
            this.#paymentOf(key),
            this.accounts.get(command.customerId) ?? account.initialState,
          )
        : refundPayment(command, this.#paymentOf(key));
    this.#write(key, decision, id);
  }

  #paymentOf = (orderId: string): Payment => this.#payments.get(orderId) ?? noPayment;

  #write(orderId: string, { payment, account: moved, call }: PaymentDecision, causationId: string): void {
    if (payment.some(({ type }) => type === 'RefundRequested')) this.#refundAskedBy.set(orderId, causationId);
    this.#payments.set(orderId, payment.reduce(evolvePayment, this.#paymentOf(orderId)));
    for (const event of moved)
      this.accounts.set(
        event.accountId,
        account.evolve(this.accounts.get(event.accountId) ?? account.initialState, event),
      );
    this.#house.log.publish(payment.flatMap(paymentMessages), causationId);
    if (call?.kind === 'charge')
      this.#house.calls.push(() => this.#charge(orderId, call.token, call.amount.amount, causationId));
    if (call?.kind === 'refund') this.#house.calls.push(() => this.#giveBack(orderId, causationId));
  }

  #charge(orderId: string, token: string, amount: number, askedBy: string): void {
    const outcome = token === 'tok_decline' ? 'declined' : 'approved';
    if (outcome === 'approved') this.charged.set(orderId, amount);
    const payment = this.#paymentOf(orderId);
    const causationId = payment.status === 'refunding' ? (this.#refundAskedBy.get(orderId) ?? '') : askedBy;
    this.#write(orderId, chargeSettled(orderId, outcome, payment), causationId);
  }

  #giveBack(orderId: string, askedBy: string): void {
    this.charged.delete(orderId);
    this.#write(orderId, refundSettled(orderId, this.#paymentOf(orderId)), askedBy);
  }
}

/** Shipping as `apps/shipping/src/messages/shipments.ts` wires it, with a carrier that keeps books of its own. */
export class ShippingModel {
  /** Parcels that the carrier has been asked for and that were not cancelled there, by order. */
  readonly booked = new Set<string>();
  readonly dispatched = new Set<string>();
  readonly #shipments = new Map<string, Shipment>();
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
  }

  take({ id, key: orderId, message }: Letter): void {
    const command = message as ScheduleShipment | CancelShipment;
    this.#decide(
      command.type === 'CancelShipment'
        ? { type: 'CancelShipment', orderId, commandId: id }
        : { ...command, orderId },
      id,
    );
  }

  orderCompleted({ id, key: orderId }: Letter): void {
    this.#decide({ type: 'Dispatch', orderId }, id);
  }

  #stateOf = (orderId: string): Shipment => this.#shipments.get(orderId) ?? shipment.initialState;

  #decide(command: ShipmentCommand, causationId: string): void {
    const { orderId } = command;
    const outcome = shipment.decide(command, this.#stateOf(orderId));
    if (isRejected(outcome)) return void this.#house.deadLetters.push(`${command.type}: ${outcome.rejected}`);
    this.#shipments.set(orderId, foldEvents(shipment, outcome, this.#stateOf(orderId)));
    this.#house.log.publish(outcome.flatMap(shippingMessages), causationId);
    for (const event of outcome) {
      if (event.type === 'BookingRequested')
        this.#house.calls.push(() => this.#book(orderId, event.personal.address.postcode, causationId));
      if (event.type === 'BookingCancellationRequested')
        this.#house.calls.push(() => this.#cancel(orderId, causationId));
      if (event.type === 'ShipmentDispatched') this.dispatched.add(orderId);
    }
  }

  #book(orderId: string, postcode: string, askedBy: string): void {
    const outcome = postcode === '00000' ? 'refused' : 'booked';
    if (outcome === 'booked') this.booked.add(orderId);
    const state = this.#stateOf(orderId);
    this.#decide(
      { type: 'RecordBooking', orderId, outcome },
      state.status === 'booking' ? (state.cancelledBy ?? askedBy) : askedBy,
    );
  }

  #cancel(orderId: string, askedBy: string): void {
    this.booked.delete(orderId);
    this.#decide({ type: 'RecordBookingCancelled', orderId }, askedBy);
  }
}
