import { SimulatedLog, Outbox, type Letter } from './log.ts';
import { OrderModel, type NewOrder } from './order-service.ts';
import { InventoryReturns, PaymentReturns, ShippingReturns } from './returns.ts';
import { InventoryModel, PaymentModel, ShippingModel, type House } from './participants.ts';

export interface WorldSettings {
  readonly orders: readonly NewOrder[];
  readonly units: Readonly<Record<string, number>>;
  readonly balances: Readonly<Record<string, number>>;
  /** How often timers fire compared with messages: 0 is never. */
  readonly impatience: number;
}

/** The ids of orders begin with this. A story names only the digit that follows. */
export const orderIds = '0199f000-0000-4000-8000-00000000000';

/** A service, whose process can die. Its state, its outbox and its pending calls survive. */
interface Service {
  readonly name: string;
  readonly house: House;
  readonly topics: readonly string[];
  take(letter: Letter): void;
  isUp: boolean;
}

/** Something that can happen now. Its name says what, so that the same name does the same again. */
export interface Happening {
  readonly name: string;
  /** How often it happens compared with others. */
  readonly weight: number;
  run(): void;
}

/**
 * The services on a log in memory, without an inbox: the pure deciders and the sagas. What happens next is
 * chosen from outside. Messages of a partition keep their order, except a command that became a dead letter
 * and was sent again. All other messages may overtake each other, and a relay that dies publishes again.
 * A process may die after a commit or after an external call, and stay down for a while. Timers may fire at
 * any time.
 */
export class World {
  readonly deadLetters: string[] = [];
  readonly order: OrderModel;
  readonly inventory: InventoryModel;
  readonly payment: PaymentModel;
  readonly shipping: ShippingModel;
  readonly refunds: PaymentReturns;
  readonly labels: ShippingReturns;
  /** One line for everything that has happened. */
  readonly story: string[] = [];
  readonly #settings: WorldSettings;
  readonly #services: readonly Service[];
  readonly #log = new SimulatedLog();
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
    const service = (
      name: keyof typeof houses,
      topics: readonly string[],
      take: (letter: Letter) => void,
    ) => {
      return { name, house: houses[name], topics, take, isUp: true };
    };
    this.#services = [
      service(
        'order',
        ['order-commands', 'order-events', 'inventory-events', 'payment-events', 'shipping-events'],
        (letter) =>
          letter.topic === 'order-commands' ? this.order.takeCommand(letter) : this.order.takeEvent(letter),
      ),
      service('inventory', ['inventory-commands'], (letter) =>
        isOfReturn(letter) ? stockReturns.take(letter) : this.inventory.take(letter),
      ),
      service('payment', ['payment-commands'], (letter) =>
        isOfReturn(letter) ? this.refunds.take(letter) : this.payment.take(letter),
      ),
      service('shipping', ['shipping-commands', 'order-events'], (letter) => {
        if (isOfReturn(letter)) this.labels.take(letter);
        else if (letter.topic === 'shipping-commands') this.shipping.take(letter);
        else if (letter.message.type === 'OrderCompleted') this.shipping.orderCompleted(letter);
      }),
    ];
  }

  /** Everything that can happen now. */
  happenings(): readonly Happening[] {
    return [
      ...(this.#isUp('order') ? [...this.#requests(), ...this.#ofReturns(), ...this.#timers()] : []),
      ...(this.#isUp('shipping') ? this.#parcels() : []),
      ...this.#services.flatMap((service) =>
        service.isUp ? this.#ofProcess(service) : [this.#start(service)],
      ),
    ];
  }

  /** Returns what has this name, if it can happen now. */
  happening = (name: string): Happening | undefined => this.happenings().find((each) => each.name === name);

  /** Lets it happen, and tells it. */
  happen({ name, run }: Happening): void {
    const before = this.#services.map(({ house }) => house.log.letters.length);
    run();
    const written = this.#services.flatMap(({ house }, index) => house.log.letters.slice(before[index]));
    const writes = written.map(({ message }) => message.type).join(', ');
    this.story.push(`${name}${writes === '' ? '' : ` -> ${writes}`}`.replaceAll(orderIds, 'order '));
  }

  /**
   * Ends the faults: starts every process, publishes and delivers everything, makes every call, and lets a
   * timer fire only when nothing else is left.
   */
  settle(afterStep: () => void = () => undefined, stepsMax = 5_000): void {
    this.story.push('(no more faults)');
    for (const service of this.#services) service.isUp = true;
    for (let steps = 0; steps < stepsMax; steps += 1) {
      const next =
        this.#services.flatMap((service) => this.#progressOf(service)).find(({ weight }) => weight > 0) ??
        this.#timers().toSorted(
          (one, other) => Number(isDeadline(one.name)) - Number(isDeadline(other.name)),
        )[0];
      if (next === undefined) return;
      this.happen(next);
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
    return [...this.order.instances].flatMap(([name, instance]) =>
      [...instance.timers].map(([timer, token]): Happening => ({
        name: `timer of ${name}: ${timer}`,
        weight: this.#settings.impatience * (isDeadline(timer) ? 0.1 : 1),
        run: () => this.order.fireTimer(instance, token),
      })),
    );
  }

  #start = (service: Service): Happening => ({
    name: `${service.name} starts`,
    weight: 3,
    run: () => void (service.isUp = true),
  });

  #ofProcess(service: Service): readonly Happening[] {
    const { name, house } = service;
    const dies = (after: string, weight: number, run: () => void): Happening => ({
      name: `${name} dies${after}`,
      weight,
      run: () => {
        run();
        service.isUp = false;
      },
    });
    const unpublished = [...house.log.letters];
    const publishAll = () => unpublished.forEach((letter) => this.#log.append(letter));
    return [
      ...this.#progressOf(service),
      dies('', 0.2, () => undefined),
      ...(unpublished.length === 0
        ? []
        : [dies(' after it has published its outbox, and will publish it again', 0.7, publishAll)]),
      ...house.calls.map((call) =>
        dies(` after the call ${call.name}, and will make it again`, 0.7, () => void call.make()),
      ),
      ...this.#log.waiting(name, service.topics).flatMap((partition) => this.#redrive(service, partition)),
    ];
  }

  /** What a process does that works. */
  #progressOf({ name, house, topics, take }: Service): readonly Happening[] {
    const [letter] = house.log.letters;
    return [
      ...(letter === undefined
        ? []
        : [
            {
              name: `${name} publishes ${titleOf(letter)}`,
              weight: 10,
              run: () => {
                house.log.letters.shift();
                this.#log.append(letter);
              },
            },
          ]),
      ...this.#log.waiting(name, topics).map((partition): Happening => ({
        name: `${name} takes ${titleOf(this.#log.next(name, partition)!)}`,
        weight: 10,
        run: () => {
          const taken = this.#log.take(name, partition);
          if (taken !== undefined) take(taken);
        },
      })),
      ...house.calls.map((call): Happening => ({
        name: `${name} calls ${call.name}`,
        weight: 6,
        run: () => {
          house.calls.splice(house.calls.indexOf(call), 1);
          call.make()();
        },
      })),
    ];
  }

  /** A command becomes a dead letter, and is sent again behind those that follow it. */
  #redrive({ name }: Service, partition: string): readonly Happening[] {
    const letter = this.#log.next(name, partition);
    if (letter === undefined || !letter.topic.endsWith('-commands')) return [];
    return [
      {
        name: `${name} gives up ${titleOf(letter)}, which is sent again`,
        weight: 0.7,
        run: () => {
          this.#log.take(name, partition);
          this.#log.append(letter);
        },
      },
    ];
  }
}

/** A deadline is days away, so it seldom comes before the other timers. */
const isDeadline = (timer: string): boolean => timer.endsWith('deadline (deadline)');
const isOfReturn = ({ topic, message }: Letter): boolean =>
  topic.endsWith('-commands') && message.type.includes('Return');
const titleOf = ({ title = '' }: Letter): string => title;
