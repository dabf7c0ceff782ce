import type {
  CancelShipment,
  CommitReservation,
  ProcessPayment,
  RefundPayment,
  ReleaseInventory,
  ReserveInventory,
  ScheduleShipment,
} from '@millrace/contracts';
import { assertNever, decisionOf, foldEvents, isRejected } from '@millrace/event-sourcing';
import {
  decideOrderStock,
  reservation,
  type Reservation,
} from '../../../apps/inventory/src/domain/reservation.ts';
import { stock, type Stock } from '../../../apps/inventory/src/domain/stock.ts';
import { publicMessages as inventoryMessages } from '../../../apps/inventory/src/public-messages.ts';
import { type Account, account } from '../../../apps/payment/src/domain/account.ts';
import {
  payment,
  processPayment,
  refundPayment,
  type PaymentDecision,
  type CardCall,
  type Payment,
  type PaymentCommand,
} from '../../../apps/payment/src/domain/payment.ts';
import type { PaymentEvent } from '../../../apps/payment/src/domain/events.ts';
import { publicMessages as paymentMessages } from '../../../apps/payment/src/public-messages.ts';
import {
  shipment,
  type CarrierCall,
  type Shipment,
  type ShipmentCommand,
} from '../../../apps/shipping/src/domain/shipment.ts';
import type { ShipmentEvent } from '../../../apps/shipping/src/domain/events.ts';
import { publicMessages as shippingMessages } from '../../../apps/shipping/src/public-messages.ts';
import type { Letter, Outbox } from './log.ts';

/**
 * A pending call to an external system. It is made at any time, and again if the process dies before its
 * outcome is recorded.
 */
interface ExternalCall {
  readonly name: string;
  /** Makes the call, and returns what records its outcome. */
  make(): () => void;
}

/**
 * The parts of a service that survive its process: its outbox, its pending external calls and the commands
 * that a domain rejected.
 */
export interface House {
  readonly log: Outbox;
  readonly calls: ExternalCall[];
  readonly deadLetters: string[];
}

/** What services do with messages without a saga of the engine. */
export interface Reactions {
  takes(service: string, letter: Letter): boolean;
  take(service: string, letter: Letter): Promise<void> | undefined;
  /** Whether the order still ends if the service never handles the message. */
  mayLose(service: string, letter: Letter): boolean;
  lose(letter: Letter): void;
  /** `problem` is what is wrong if nothing else is left to happen. */
  readonly timers: ReadonlyArray<{ readonly name: string; readonly problem?: string; fire(): Promise<void> }>;
  /** What is wrong after a step. */
  problems(): Iterable<string>;
  /** What has not ended although everything is at rest. */
  unfinished(): Iterable<string>;
}

/**
 * Inventory without a database, wired as in `apps/inventory/src/messages.ts`.
 */
export class InventoryModel {
  readonly shelves = new Map<string, Stock>();
  readonly reservations = new Map<string, Reservation>();
  readonly house: House;

  constructor(house: House, units: Readonly<Record<string, number>>) {
    this.house = house;
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
    const held = this.reservations.get(key) ?? reservation.initialState;
    const outcome = decideOrderStock(command, { reservation: held, stock: this.shelves });
    if (isRejected(outcome)) return void this.house.deadLetters.push(`${command.type}: ${outcome.rejected}`);
    const { events } = outcome;
    for (const [sku, moves] of events.stock)
      this.shelves.set(sku, foldEvents(stock, moves, this.shelves.get(sku)));
    this.reservations.set(key, foldEvents(reservation, events.reservation, held));
    this.house.log.publish(events.reservation.flatMap(inventoryMessages), id);
  }

  reservationOf = (orderId: string): Reservation =>
    this.reservations.get(orderId) ?? reservation.initialState;
}

/**
 * Payment, wired as in `apps/payment/src/messages.ts` and `ports/card-workers.ts`,
 * with a provider that keeps its own books.
 */
export class PaymentModel {
  readonly accounts = new Map<string, Account>();
  /** The amounts charged at the provider, by order. */
  readonly charged = new Map<string, number>();
  /** Tells whether a return has taken a part of the payment. */
  hasReturned: (orderId: string) => boolean = () => false;
  readonly payments = new Map<string, Payment>();
  readonly house: House;

  constructor(house: House, balances: Readonly<Record<string, number>>) {
    this.house = house;
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
    const states = {
      payment: this.paymentOf(key),
      customer: this.accounts.get(command.customerId) ?? account.initialState,
    };
    const decision =
      command.type === 'ProcessPayment'
        ? processPayment(command, states)
        : refundPayment(command, { ...states, isReturned: this.hasReturned(key) }, id);
    this.#write(key, decision, id);
  }

  paymentOf = (orderId: string): Payment => this.payments.get(orderId) ?? payment.initialState;

  #write(orderId: string, { events, calls = [], answers }: PaymentDecision, cause: string): void {
    const told = events.payment ?? [];
    const causationId = answers ?? cause;
    this.payments.set(orderId, foldEvents(payment, told, this.paymentOf(orderId)));
    for (const event of events.customer ?? [])
      this.accounts.set(event.accountId, foldEvents(account, [event], this.accounts.get(event.accountId)));
    this.house.log.publish(told.flatMap(paymentMessages), causationId);
    for (const call of calls) this.call(call, causationId);
  }

  call = (call: CardCall, askedBy: string): void => {
    const name = `${call.type} ${call.orderId}`;
    this.house.calls.push({ name, make: () => this.#ask(call, askedBy) });
  };

  #ask(call: CardCall, askedBy: string): () => void {
    const { orderId } = call;
    if (call.type === 'RefundCharge') {
      this.charged.delete(orderId);
      return () => this.#record({ type: 'RecordRefund', orderId }, askedBy);
    }
    const outcome = call.token === 'tok_decline' ? 'declined' : 'approved';
    if (outcome === 'approved') this.charged.set(orderId, call.amount.amount);
    return () => this.#record({ type: 'RecordCharge', orderId, outcome }, askedBy);
  }

  #record(command: PaymentCommand, askedBy: string): void {
    const outcome = payment.decide(command, this.paymentOf(command.orderId));
    if (isRejected(outcome)) return;
    const { events, ...decision } = decisionOf<PaymentEvent, CardCall>(outcome);
    this.#write(command.orderId, { events: { payment: events }, ...decision }, askedBy);
  }
}

/**
 * Shipping, wired as in `apps/shipping/src/messages.ts` and
 * `ports/carrier-workers.ts`, with a carrier that keeps its own books.
 */
export class ShippingModel {
  /** The orders with a booking at the carrier that was not cancelled. */
  readonly booked = new Set<string>();
  readonly dispatched = new Set<string>();
  readonly shipments = new Map<string, Shipment>();
  readonly house: House;

  constructor(house: House) {
    this.house = house;
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

  stateOf = (orderId: string): Shipment => this.shipments.get(orderId) ?? shipment.initialState;

  #decide(command: ShipmentCommand, cause: string): void {
    const { orderId } = command;
    const outcome = shipment.decide(command, this.stateOf(orderId));
    if (isRejected(outcome)) return void this.house.deadLetters.push(`${command.type}: ${outcome.rejected}`);
    const { events, calls = [], answers = cause } = decisionOf<ShipmentEvent, CarrierCall>(outcome);
    this.shipments.set(orderId, foldEvents(shipment, events, this.stateOf(orderId)));
    this.house.log.publish(events.flatMap(shippingMessages), answers);
    for (const call of calls) this.call(call, answers);
  }

  call = (call: CarrierCall, askedBy: string): void => {
    const { orderId } = call;
    switch (call.type) {
      case 'BookShipment':
        return this.#call(`BookShipment ${orderId}`, () =>
          this.#book(orderId, call.address.postcode, askedBy),
        );
      case 'CancelBooking':
        return this.#call(`CancelBooking ${orderId}`, () => this.#cancel(orderId, askedBy));
      case 'DeliverShipment':
        return void this.dispatched.add(orderId);
      default:
        return assertNever(call);
    }
  };

  #call(name: string, make: () => () => void): void {
    this.house.calls.push({ name, make });
  }

  #book(orderId: string, postcode: string, askedBy: string): () => void {
    const outcome = postcode === '00000' ? 'refused' : 'booked';
    if (outcome === 'booked') this.booked.add(orderId);
    return () => this.#decide({ type: 'RecordBooking', orderId, outcome }, askedBy);
  }

  #cancel(orderId: string, askedBy: string): () => void {
    this.booked.delete(orderId);
    return () => this.#decide({ type: 'RecordBookingCancelled', orderId }, askedBy);
  }
}
