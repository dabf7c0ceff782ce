import { choreography as saga, type OrderStyle } from '@millrace/contracts';
import type { Choreography } from '../../../../apps/order/src/choreography/choreography.ts';
import { ChoreographyMessages as OrderHandlers } from '../../../../apps/order/src/choreography/choreography.messages.ts';
import { deadlineProcess } from '../../../../apps/order/src/choreography/deadline.ts';
import { messagesOfChoreography } from '../../../../apps/order/src/choreography/public-messages.ts';
import { publicMessages as orderMessages } from '../../../../apps/order/src/public-messages.ts';
import { ChoreographyMessages as InventoryHandlers } from '../../../../apps/inventory/src/choreography/choreography.messages.ts';
import { publicMessages as inventoryMessages } from '../../../../apps/inventory/src/public-messages.ts';
import { ChoreographyMessages as PaymentHandlers } from '../../../../apps/payment/src/choreography/choreography.messages.ts';
import { publicMessages as paymentMessages } from '../../../../apps/payment/src/public-messages.ts';
import { ChoreographyMessages as ShippingHandlers } from '../../../../apps/shipping/src/choreography/choreography.messages.ts';
import { publicMessages as shippingMessages } from '../../../../apps/shipping/src/public-messages.ts';
import type { Letter } from '../log.ts';
import type { OrderModel } from '../order-service.ts';
import type { InventoryModel, PaymentModel, Reactions, ShippingModel } from '../participants.ts';
import { at } from '../sagas.ts';
import { Handlers } from './handlers.ts';

export const choreographed: OrderStyle = 'choreographed';

/** Every way in which a choreographed order can end. */
export const choreographedEnds = [
  'address_refused',
  'cancelled_by_customer',
  'card_declined',
  'completed',
  'insufficient_funds',
  'out_of_stock',
  'step_timeout',
].map((end) => `${choreographed} ${end}`);

interface Shop {
  readonly order: OrderModel;
  readonly inventory: InventoryModel;
  readonly payment: PaymentModel;
  readonly shipping: ShippingModel;
}

const deadlineMs = 1_000;
/** The messages that a participant may lose for good: the deadline repeats them, or ends the order. */
const dispensable = [
  'OrderCreated',
  'InventoryReserved',
  'PaymentProcessed',
  'PaymentDetails',
  'ShippingDetails',
];

/** The choreographed orders of a shop, handled by the services' own handlers. */
export class ChoreographedOrders implements Reactions {
  readonly #choreographies = new Map<string, Choreography>();
  readonly #deadlines = new Set<string>();
  /** The orders of which a message was lost for good. */
  readonly #lost = new Set<string>();
  readonly #shop: Shop;
  readonly #order: Handlers<never>;
  readonly #services: Readonly<Record<string, Pick<Handlers<never>, 'takes' | 'take'>>>;

  constructor(shop: Shop) {
    const { order, inventory, payment, shipping } = shop;
    this.#shop = shop;
    this.#order = new Handlers(
      {
        house: order.house,
        streams: { order: order.orders, choreography: this.#choreographies },
        messages: { order: orderMessages, choreography: messagesOfChoreography },
        publish: order.publish,
        timers: this.#deadlines,
      },
      OrderHandlers,
      { deadlineMs },
    );
    this.#services = {
      order: this.#order,
      inventory: new Handlers(
        {
          house: inventory.house,
          streams: { reservation: inventory.reservations, stock: inventory.shelves },
          messages: { reservation: inventoryMessages },
        },
        InventoryHandlers,
      ),
      payment: new Handlers(
        {
          house: payment.house,
          streams: { payment: payment.payments, account: payment.accounts, 'awaited-payment': new Map() },
          messages: { payment: paymentMessages },
          call: payment.call,
        },
        PaymentHandlers,
      ),
      shipping: new Handlers(
        {
          house: shipping.house,
          streams: { shipment: shipping.shipments, 'awaited-shipment': new Map() },
          messages: { shipment: shippingMessages },
          call: shipping.call,
        },
        ShippingHandlers,
      ),
    };
  }

  takes = (service: string, letter: Letter): boolean => this.#services[service]?.takes(letter) === true;

  take = (service: string, letter: Letter): Promise<void> | undefined =>
    this.#services[service]?.take(letter);

  mayLose = (service: string, { message }: Letter): boolean =>
    service !== 'order' && dispensable.includes(message.type);

  lose = ({ key }: Letter): void => void this.#lost.add(key);

  get timers() {
    return [...this.#deadlines].map((orderId) => ({
      name: `deadline of ${orderId}`,
      ...(!this.#lost.has(orderId) && { problem: `${orderId} waits for its deadline, and nothing was lost` }),
      fire: () => this.#fire(orderId),
    }));
  }

  async #fire(orderId: string): Promise<void> {
    const process = deadlineProcess(deadlineMs);
    const { transaction, commands } = this.#order;
    const causationId = this.#shop.order.house.log.newId();
    const cause = { transaction, metadata: { correlationId: orderId, causationId, saga } };
    const due = { id: orderId, at } as Parameters<typeof process.fire>[2];
    const again = await this.#order.locking(process.locks(orderId), () => process.fire(commands, cause, due));
    if (again === undefined) this.#deadlines.delete(orderId);
  }

  /** An order has a deadline until it is decided, and ends together with its choreography. */
  *problems(): Iterable<string> {
    for (const [orderId, { status }] of this.#choreographies) {
      const order = this.#shop.order.orders.get(orderId)?.status;
      if (this.#deadlines.has(orderId) !== (status === 'running'))
        yield `${orderId} is ${status} ${status === 'running' ? 'without' : 'with'} a deadline`;
      if ((order === 'cancelled') !== (status === 'compensated'))
        yield `${orderId} is ${order} and its choreography ${status}`;
      if ((order === 'completed') !== (status === 'committing' || status === 'completed'))
        yield `${orderId} is ${order} and its choreography ${status}`;
    }
  }

  /** A choreography ends once every service has answered. */
  *unfinished(): Iterable<string> {
    for (const [orderId, order] of this.#shop.order.orders) {
      if (order.status === 'absent' || order.style !== choreographed) continue;
      const { status } = this.#choreographies.get(orderId) ?? { status: 'absent' };
      if (status !== 'completed' && status !== 'compensated')
        yield `the choreography of ${orderId} is ${status}`;
    }
  }
}
