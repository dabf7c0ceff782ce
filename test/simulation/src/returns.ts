import type {
  MakeReturnLabel,
  ReceiveReturn,
  RefundReturn,
  RestockReturn,
  ReverseReturnRefund,
  SendBackReturn,
} from '@millrace/contracts';
import { assertNever, decisionOf, foldEvents, isRejected } from '@millrace/event-sourcing';
import { decideReturn, orderReturn, type Return } from '../../../apps/inventory/src/domain/return.ts';
import { stock } from '../../../apps/inventory/src/domain/stock.ts';
import { publicMessages as inventoryMessages } from '../../../apps/inventory/src/public-messages.ts';
import { account } from '../../../apps/payment/src/domain/account.ts';
import type { ReturnRefundEvent } from '../../../apps/payment/src/domain/events.ts';
import {
  hasReturned,
  refundReturn,
  returnRefund,
  reverseReturnRefund,
  type ReturnCall,
  type ReturnRefund,
  type ReturnRefundCommand,
  type ReturnRefundDecision,
} from '../../../apps/payment/src/domain/return-refund.ts';
import { publicMessages as paymentMessages } from '../../../apps/payment/src/public-messages.ts';
import type { ReturnLabelEvent } from '../../../apps/shipping/src/domain/events.ts';
import {
  makeReturnLabel,
  returnLabel,
  type LabelCall,
  type ReturnLabel,
  type ReturnLabelCommand,
} from '../../../apps/shipping/src/domain/return-label.ts';
import { publicMessages as shippingMessages } from '../../../apps/shipping/src/public-messages.ts';
import type { Letter } from './log.ts';
import type { House, InventoryModel, PaymentModel, ShippingModel } from './participants.ts';

const at = '2026-11-25T10:00:00.000Z';

/** What inventory does for returns, wired as in `apps/inventory/src/messages.ts`. */
export class InventoryReturns {
  readonly #returns = new Map<string, Return>();
  readonly #house: House;
  readonly #inventory: InventoryModel;

  constructor(house: House, inventory: InventoryModel) {
    this.#house = house;
    this.#inventory = inventory;
  }

  take({ id, key, message }: Letter): void {
    const before = this.#returns.get(key) ?? orderReturn.initialState;
    const { shelves } = this.#inventory;
    const outcome = decideReturn(message as ReceiveReturn | SendBackReturn | RestockReturn, {
      orderReturn: before,
      reservation: this.#inventory.reservationOf(key),
      stock: shelves,
    });
    if (isRejected(outcome)) return void this.#house.deadLetters.push(`${message.type}: ${outcome.rejected}`);
    const { events } = outcome;
    for (const [sku, moves] of events.stock) shelves.set(sku, foldEvents(stock, moves, shelves.get(sku)));
    this.#returns.set(key, foldEvents(orderReturn, events.orderReturn, before));
    this.#house.log.publish(events.orderReturn.flatMap(inventoryMessages), id);
  }
}

/** What payment does for returns, with a provider that keeps the refunded parts of charges. */
export class PaymentReturns {
  /** The refunded parts of charges, by order. */
  readonly parts = new Map<string, number>();
  readonly #refunds = new Map<string, ReturnRefund>();
  readonly #house: House;
  readonly #payment: PaymentModel;

  constructor(house: House, payment: PaymentModel) {
    this.#house = house;
    this.#payment = payment;
    payment.hasReturned = (orderId) => hasReturned(this.#refundOf(orderId));
  }

  take({ id, key, message }: Letter): void {
    const command = message as RefundReturn | ReverseReturnRefund;
    const states = {
      returned: this.#refundOf(key),
      payment: this.#payment.paymentOf(key),
      customer: this.#payment.accounts.get(command.customerId) ?? account.initialState,
    };
    const decision =
      command.type === 'RefundReturn'
        ? refundReturn(command, states)
        : reverseReturnRefund(command, states, id);
    this.#write(key, decision, id);
  }

  #refundOf = (orderId: string): ReturnRefund => this.#refunds.get(orderId) ?? returnRefund.initialState;

  #write(orderId: string, { events, calls = [], answers }: ReturnRefundDecision, cause: string): void {
    const told = events.returned ?? [];
    const causationId = answers ?? cause;
    const { accounts } = this.#payment;
    this.#refunds.set(orderId, foldEvents(returnRefund, told, this.#refundOf(orderId)));
    for (const event of events.customer ?? [])
      accounts.set(event.accountId, foldEvents(account, [event], accounts.get(event.accountId)));
    this.#house.log.publish(told.flatMap(paymentMessages), causationId);
    for (const call of calls)
      this.#house.calls.push({
        name: `${call.type} ${orderId}`,
        make: () => this.#ask(call, causationId),
      });
  }

  #ask(call: ReturnCall, askedBy: string): () => void {
    const { orderId } = call;
    switch (call.type) {
      case 'RefundPart':
        this.parts.set(orderId, call.amount.amount);
        return () => this.#record({ type: 'RecordReturnRefund', orderId, outcome: 'refunded' }, askedBy);
      case 'ReverseRefund':
        this.parts.delete(orderId);
        return () => this.#record({ type: 'RecordReversal', orderId }, askedBy);
      default:
        return assertNever(call);
    }
  }

  #record(command: ReturnRefundCommand, askedBy: string): void {
    const outcome = returnRefund.decide(command, this.#refundOf(command.orderId));
    if (isRejected(outcome)) return;
    const { events, ...decision } = decisionOf<ReturnRefundEvent, ReturnCall>(outcome);
    this.#write(command.orderId, { events: { returned: events }, ...decision }, askedBy);
  }
}

/** What shipping does for returns: labels of the carrier, and the parcels that its desk scans. */
export class ShippingReturns {
  readonly #labels = new Map<string, ReturnLabel>();
  readonly #house: House;
  readonly #shipping: ShippingModel;

  constructor(house: House, shipping: ShippingModel) {
    this.#house = house;
    this.#shipping = shipping;
  }

  /** The orders whose parcel may come back. */
  get expected(): readonly string[] {
    return [...this.#labels].filter(([, { status }]) => status === 'made').map(([orderId]) => orderId);
  }

  take({ id, key: orderId, message }: Letter): void {
    if (message.type === 'VoidReturnLabel')
      return this.#decide({ type: 'VoidReturnLabel', orderId, commandId: id }, id);
    const states = { shipment: this.#shipping.stateOf(orderId), returnLabel: this.#labelOf(orderId) };
    const { events, calls = [], answers = id } = makeReturnLabel(message as MakeReturnLabel, states);
    this.#write(orderId, events.returnLabel, calls, answers);
  }

  parcelArrives = (orderId: string): void =>
    this.#decide({ type: 'RecordParcel', orderId, receivedAt: at }, 'desk');

  #labelOf = (orderId: string): ReturnLabel => this.#labels.get(orderId) ?? returnLabel.initialState;

  #decide(command: ReturnLabelCommand, cause: string): void {
    const outcome = returnLabel.decide(command, this.#labelOf(command.orderId));
    if (isRejected(outcome)) return void this.#house.deadLetters.push(`${command.type}: ${outcome.rejected}`);
    const { events, calls = [], answers = cause } = decisionOf<ReturnLabelEvent, LabelCall>(outcome);
    this.#write(command.orderId, events, calls, answers);
  }

  #write(
    orderId: string,
    events: readonly ReturnLabelEvent[],
    calls: readonly LabelCall[],
    answers: string,
  ): void {
    this.#labels.set(orderId, foldEvents(returnLabel, events, this.#labelOf(orderId)));
    this.#house.log.publish(events.flatMap(shippingMessages), answers);
    for (const { type } of calls) {
      const command: ReturnLabelCommand =
        type === 'MakeLabel'
          ? { type: 'RecordLabel', orderId, answer: { outcome: 'made', trackingNumber: 'RL-7' } }
          : { type: 'RecordLabelVoided', orderId };
      this.#house.calls.push({
        name: `${type} ${orderId}`,
        make: () => () => this.#decide(command, answers),
      });
    }
  }
}
