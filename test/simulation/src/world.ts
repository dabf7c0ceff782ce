import { SimulatedLog, Outbox, type Letter } from './log.ts';
import { ChoreographedOrders } from './choreography/choreography.ts';
import { OrderModel, type NewOrder } from './order-service.ts';
import { InventoryReturns, PaymentReturns, ShippingReturns } from './returns.ts';
import { happeningsOf, isEvent, progressOf, type Happening, type Service } from './process.ts';
import { InventoryModel, PaymentModel, ShippingModel, type House, type Reactions } from './participants.ts';

export interface WorldSettings {
  readonly orders: readonly NewOrder[];
  readonly units: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, number>>;
  /** How often timers fire compared with messages: 0 is never. */
  readonly impatience: number;
}

/** The ids of orders begin with this. A story names only the digit that follows. */
export const orderIds = '0199f000-0000-4000-8000-00000000000';

/**
 * The services on a log in memory, without an inbox: the deciders, the sagas and the handlers of
 * choreographed orders. What happens next is chosen from outside. Messages of a partition keep their order,
 * except a dead letter that was sent again. All other messages may overtake each other, and a relay that
 * dies publishes again. A process may die after a commit or after an external call, and stay down for a
 * while. Timers may fire at any time.
 */
export class World {
  readonly deadLetters: string[] = [];
  readonly order: OrderModel;
  readonly inventory: InventoryModel;
  readonly payment: PaymentModel;
  readonly shipping: ShippingModel;
  readonly refunds: PaymentReturns;
  readonly labels: ShippingReturns;
  readonly reactions: readonly Reactions[];
  /** One line for everything that has happened. */
  readonly story: string[] = [];
  readonly #settings: WorldSettings;
  readonly #services: readonly Service[];
  readonly #log: SimulatedLog;
  #ids = 0;

  constructor(settings: WorldSettings) {
    this.#settings = settings;
    const house = (): House => {
      const log = new Outbox(() => `m${++this.#ids}`);
      return { log, calls: [], deadLetters: this.deadLetters };
    };
    const houses = { order: house(), inventory: house(), payment: house(), shipping: house() };
    this.order = new OrderModel(houses.order);
    this.inventory = new InventoryModel(houses.inventory, settings.units);
    this.payment = new PaymentModel(houses.payment, settings.balances);
    this.shipping = new ShippingModel(houses.shipping);
    const stockReturns = new InventoryReturns(houses.inventory, this.inventory);
    this.refunds = new PaymentReturns(houses.payment, this.payment);
    this.labels = new ShippingReturns(houses.shipping, this.shipping);
    this.reactions = [new ChoreographedOrders(this)];
    const service = (
      name: keyof typeof houses,
      takes: (letter: Letter) => boolean,
      take: (letter: Letter) => void,
    ): Service => {
      const reactionsTo = (letter: Letter) => this.reactions.filter((each) => each.takes(name, letter));
      return {
        name,
        house: houses[name],
        reactions: this.reactions,
        takes: (letter) => takes(letter) || reactionsTo(letter).length > 0,
        async take(letter) {
          const reactions = reactionsTo(letter);
          for (const each of reactions) await each.take(name, letter);
          // A command has one handler, an event may have several.
          if (takes(letter) && (isEvent(letter) || reactions.length === 0)) take(letter);
        },
        isUp: true,
      };
    };
    this.#services = [
      service(
        'order',
        (letter) => letter.topic === 'order-commands' || this.order.takesEvent(letter),
        (letter) => (isEvent(letter) ? this.order.takeEvent(letter) : this.order.takeCommand(letter)),
      ),
      service(
        'inventory',
        ({ topic }) => topic === 'inventory-commands',
        (letter) => (isOfReturn(letter) ? stockReturns.take(letter) : this.inventory.take(letter)),
      ),
      service(
        'payment',
        ({ topic }) => topic === 'payment-commands',
        (letter) => (isOfReturn(letter) ? this.refunds.take(letter) : this.payment.take(letter)),
      ),
      service(
        'shipping',
        ({ topic, message }) => topic === 'shipping-commands' || message.type === 'OrderCompleted',
        (letter) => {
          if (isEvent(letter)) this.shipping.orderCompleted(letter);
          else if (isOfReturn(letter)) this.labels.take(letter);
          else this.shipping.take(letter);
        },
      ),
    ];
    this.#log = new SimulatedLog(this.#services);
  }

  /** Everything that can happen now. */
  happenings(): readonly Happening[] {
    return [
      ...(this.#isUp('order') ? [...this.#requests(), ...this.#ofReturns(), ...this.#timers()] : []),
      ...(this.#isUp('shipping') ? this.#parcels() : []),
      ...this.#services.flatMap((service) => happeningsOf(service, this.#log)),
    ];
  }

  /** Returns what has this name, if it can happen now. */
  happening = (name: string): Happening | undefined => this.happenings().find((each) => each.name === name);

  /** Lets it happen, and tells it. */
  async happen({ name, run }: Happening): Promise<void> {
    const before = this.#services.map(({ house }) => house.log.letters.length);
    await run();
    const written = this.#services.flatMap(({ house }, index) => house.log.letters.slice(before[index]));
    const writes = written.map(({ message }) => message.type).join(', ');
    this.story.push(`${name}${writes === '' ? '' : ` -> ${writes}`}`.replaceAll(orderIds, 'order '));
  }

  /**
   * Ends the faults: starts every process, publishes and delivers everything, makes every call, and lets a
   * timer fire only when nothing else is left.
   */
  async settle(afterStep: () => void = () => undefined, stepsMax = 5_000): Promise<void> {
    this.story.push('(no more faults)');
    for (const service of this.#services) service.isUp = true;
    for (let steps = 0; steps < stepsMax; steps += 1) {
      const next =
        this.#services
          .flatMap((service) => progressOf(service, this.#log))
          .find(({ weight }) => weight > 0) ??
        this.#timers().toSorted(
          (one, other) => Number(isDeadline(one.name)) - Number(isDeadline(other.name)),
        )[0];
      if (next === undefined) return;
      if (next.problem !== undefined) throw new Error(next.problem);
      await this.happen(next);
      afterStep();
    }
    throw new Error(`not at rest after ${stepsMax} steps`);
  }

  #isUp = (name: string): boolean => this.#services.some((service) => service.name === name && service.isUp);

  #requests(): readonly Happening[] {
    return this.#settings.orders.map((order): Happening => {
      const { orderId } = order;
      return this.order.orders.has(orderId)
        ? {
            name: `customer cancels ${orderId}`,
            weight: 0.3,
            run: () => this.order.requestCancellation(orderId),
          }
        : { name: `customer places ${orderId}`, weight: 5, run: () => this.order.place(order) };
    });
  }

  /** What customers and operators do with returns. */
  #ofReturns(): readonly Happening[] {
    const of = (name: string, weight: number, run: () => void): Happening => ({ name, weight, run });
    return [...this.order.orders].flatMap(([orderId, { status }]) => {
      const {
        order,
        order: { returns },
      } = this;
      if (status !== 'completed') return [];
      if (!returns.has(orderId))
        return [
          of(`customer returns all of ${orderId}`, 2, () => order.requestReturn(orderId, 'all')),
          of(`customer returns one of ${orderId}`, 1, () => order.requestReturn(orderId, 'one')),
        ];
      return returns.get(orderId)?.status !== 'open'
        ? []
        : [
            of(`operator approves ${orderId}`, 1, () => order.judgeReturn(orderId, 'ApproveReturn')),
            of(`operator denies ${orderId}`, 0.2, () => order.judgeReturn(orderId, 'DenyReturn')),
            of(`customer withdraws ${orderId}`, 0.3, () => order.judgeReturn(orderId, 'WithdrawReturn')),
          ];
    });
  }

  #parcels = (): readonly Happening[] =>
    this.labels.expected.map((orderId): Happening => ({
      name: `parcel of ${orderId} comes back`,
      weight: 2,
      run: () => this.labels.parcelArrives(orderId),
    }));

  #timers(): readonly Happening[] {
    const { impatience } = this.#settings;
    return [
      ...[...this.order.instances].flatMap(([name, instance]) =>
        [...instance.timers].map(([timer, token]): Happening => ({
          name: `timer of ${name}: ${timer}`,
          weight: impatience * (isDeadline(timer) ? 0.1 : 1),
          run: () => this.order.fireTimer(instance, token),
        })),
      ),
      ...this.reactions.flatMap(({ timers }) =>
        timers.map(({ fire, ...timer }): Happening => ({ ...timer, weight: impatience * 0.2, run: fire })),
      ),
    ];
  }
}

/** A deadline is days away, so it seldom comes before the other timers. */
const isDeadline = (timer: string): boolean => timer.endsWith('deadline (deadline)');
const isOfReturn = ({ topic, message }: Letter): boolean =>
  topic.endsWith('-commands') && message.type.includes('Return');
