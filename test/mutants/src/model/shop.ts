import { AssertionError } from 'node:assert';
import { ModelLog, type Letter } from './log.ts';
import { OrderModel, type NewOrder } from './order-service.ts';
import { InventoryModel, PaymentModel, ShippingModel, type House } from './participants.ts';

export interface ShopSettings {
  readonly orders: readonly NewOrder[];
  readonly units: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, number>>;
  /** How often timers fire: 0 is never, 8 is more often than messages arrive. */
  readonly impatience: number;
}

/** A number that chooses what happens next. The same numbers make the same run. */
export type Choice = number;

/**
 * The four services on a log in memory, without an inbox: the pure deciders and the saga, run one
 * step at a time in an order that the choices determine. Messages of one topic and key keep their
 * order, except a command that became a dead letter and was re-sent. All other messages may
 * overtake each other and may be repeated. Timers may fire and external calls may end at any time.
 */
export class ShopModel {
  readonly house: House = { log: new ModelLog(), calls: [], deadLetters: [] };
  readonly order = new OrderModel(this.house);
  readonly inventory: InventoryModel;
  readonly payment: PaymentModel;
  readonly shipping = new ShippingModel(this.house);
  readonly #impatience: number;

  constructor({ orders, units, balances, impatience }: ShopSettings) {
    this.#impatience = impatience;
    this.inventory = new InventoryModel(this.house, units);
    this.payment = new PaymentModel(this.house, balances);
    for (const each of orders) this.order.place(each);
  }

  /** Does one of the things that can happen now. */
  step(choice: Choice): void {
    const kind = choice % 24;
    const which = Math.floor(choice / 24);
    const fault = choice % 7;
    const { log, calls } = this.house;
    if (kind === 0) this.order.requestCancellation(pick([...this.order.orders.keys()], which));
    else if (kind <= this.#impatience && this.order.waiting.length > 0)
      this.order.fireTimer(pick(this.order.waiting, which));
    else if (kind <= 12 && calls.length > 0) this.#call(which);
    else if (log.waiting.length > 0) {
      const queue = pick(log.waiting, which);
      if (fault === 0 && /-commands /.test(queue)) log.putBack(queue);
      else this.#deliver(queue, fault === 1);
    }
  }

  /**
   * Stops the faults: delivers everything, makes every call, and fires a timer only when nothing
   * else is left.
   */
  settle(stepsMax = 5_000): void {
    for (let steps = 0; steps < stepsMax; steps += 1) {
      const [queue] = this.house.log.waiting;
      const [orderId] = this.order.waiting;
      if (queue !== undefined) this.#deliver(queue, false);
      else if (this.house.calls.length > 0) this.#call(0);
      else if (orderId !== undefined) this.order.fireTimer(orderId);
      else return;
    }
    throw new AssertionError({ message: `not at rest after ${stepsMax} steps` });
  }

  #call(which: number): void {
    const [call] = this.house.calls.splice(which % this.house.calls.length, 1);
    call?.();
  }

  #deliver(queue: string, again: boolean): void {
    const letter = this.house.log.take(queue, again);
    if (letter !== undefined) for (const reader of this.#readersOf(letter)) reader(letter);
  }

  #readersOf({ topic, message }: Letter): ReadonlyArray<(letter: Letter) => void> {
    switch (topic) {
      case 'order-commands':
        return [(letter) => this.order.takeCommand(letter)];
      case 'inventory-commands':
        return [(letter) => this.inventory.take(letter)];
      case 'payment-commands':
        return [(letter) => this.payment.take(letter)];
      case 'shipping-commands':
        return [(letter) => this.shipping.take(letter)];
      case 'order-events':
        if (message.type !== 'OrderCompleted') return [(letter) => this.order.takeEvent(letter)];
        return [(letter) => this.order.takeEvent(letter), (letter) => this.shipping.orderCompleted(letter)];
      default:
        return [(letter) => this.order.takeEvent(letter)];
    }
  }
}

function pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[], which: number): Item {
  const item = items[which % items.length];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
