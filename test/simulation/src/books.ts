import { awaited, type SagaState } from '@millrace/saga';
import { unitPrice, type NewOrder } from './order-service.ts';
import type { World, WorldSettings } from './world.ts';

/** What must hold does not hold. */
class Violation extends Error {
  override readonly name = 'Violation';
}
const must = (holds: boolean, what: () => string): void => {
  if (!holds) throw new Violation(what());
};
const mustEqual = (actual: unknown, expected: unknown, what: string): void =>
  must(
    JSON.stringify(actual) === JSON.stringify(expected),
    () => `${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`,
  );

const amountOf = ({ lines }: NewOrder): number =>
  lines.reduce((sum, { quantity }) => sum + quantity * unitPrice, 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Checks what must hold after each step. */
export function checkStep({ orders, units, balances }: WorldSettings, world: World): void {
  mustEqual(world.deadLetters, [], 'commands that a domain must not reject');
  for (const [sku, received] of Object.entries(units)) {
    const shelf = world.inventory.shelves.get(sku);
    const parts = shelf === undefined ? [] : Object.values(shelf).filter((part) => typeof part === 'number');
    must(
      sum(partsOf(shelf)) === received && parts.every((part) => part >= 0),
      () => `stock of ${sku}: ${JSON.stringify(shelf)} of ${received} received`,
    );
  }
  for (const [customer, balance] of Object.entries(balances)) {
    const left = balanceOf(world, customer);
    const ordered = orders.filter((each) => each.customerId === customer && each.paymentMethod === 'account');
    must(
      left >= 0 && left <= balance && balance - left <= sum(ordered.map(amountOf)),
      () => `${customer} has ${left} of ${balance}`,
    );
  }
  for (const each of orders) {
    const charged = world.payment.charged.get(each.orderId) ?? 0;
    must(charged === 0 || charged === amountOf(each), () => `${each.orderId} is charged ${charged}`);
    const status = world.order.orders.get(each.orderId)?.status;
    must(
      !world.shipping.dispatched.has(each.orderId) || status === 'completed',
      () => `${each.orderId} is shipped and ${status}`,
    );
    const ends = world.order.mails.filter((orderId) => orderId === each.orderId).length;
    must(ends <= 1, () => `${each.orderId} has ended ${ends} times`);
  }
  for (const [name, { state, timers }] of world.order.instances)
    must(!isStuck(state, timers), () => `${name} is ${state.status} and waits for nothing`);
}

const partsOf = (shelf: object | undefined): readonly number[] =>
  ['onHand', 'reserved', 'shipped', 'returned'].map((part) => {
    const units: unknown = shelf === undefined ? 0 : Reflect.get(shelf, part);
    return typeof units === 'number' ? units : 0;
  });

const balanceOf = (world: World, customer: string): number => {
  const account = world.payment.accounts.get(customer);
  return account !== undefined && 'balance' in account ? account.balance : 0;
};

/** A saga that has not ended has a timer for each thing that it waits for. */
const isStuck = (state: SagaState, timers: ReadonlyMap<string, string>): boolean =>
  state.status !== 'absent' &&
  state.status !== 'completed' &&
  state.status !== 'compensated' &&
  (timers.size === 0 || timers.size < awaited(state).length);

/** Checks the books once everything is at rest. */
export function checkEnd(settings: WorldSettings, world: World): void {
  checkStep(settings, world);
  for (const [name, { orderId, state }] of world.order.instances) {
    must(state.status === 'completed' || state.status === 'compensated', () => `${name} is ${state.status}`);
    const status = world.order.orders.get(orderId)?.status;
    mustEqual(status, state.status === 'completed' ? 'completed' : 'cancelled', `${name}: the order`);
  }
  for (const orderId of world.order.cancellations)
    mustEqual(world.order.orders.get(orderId)?.status, 'cancelled', `${orderId}, whose customer was told so`);
  const placed = settings.orders.filter(({ orderId }) => world.order.orders.has(orderId));
  const completed = placed.filter(({ orderId }) => world.order.orders.get(orderId)?.status === 'completed');
  const shippedOf = (sku: string) =>
    sum(completed.flatMap(({ lines }) => lines.map((each) => (each.sku === sku ? each.quantity : 0))));
  for (const [sku, received] of Object.entries(settings.units)) {
    const [onHand, reserved, shipped, returned] = partsOf(world.inventory.shelves.get(sku));
    const left = received - shippedOf(sku);
    mustEqual([onHand, reserved, shipped, returned], [left, 0, shippedOf(sku), 0], `stock of ${sku}`);
  }
  const isPaidFrom = (customer: string) => (each: NewOrder) =>
    each.customerId === customer && each.paymentMethod === 'account';
  for (const [customer, balance] of Object.entries(settings.balances)) {
    const paid = sum(completed.filter(isPaidFrom(customer)).map(amountOf));
    mustEqual(balanceOf(world, customer), balance - paid, `balance of ${customer}`);
  }
  const byCard = completed.filter(({ paymentMethod }) => paymentMethod !== 'account');
  const charges = byCard.map((each) => [each.orderId, amountOf(each)]).sort();
  mustEqual([...world.payment.charged].sort(), charges, 'charged cards');
  const ids = completed.map(({ orderId }) => orderId).sort();
  mustEqual([...world.shipping.booked].sort(), ids, 'bookings at the carrier');
  mustEqual([...world.shipping.dispatched].sort(), ids, 'parcels on their way');
  mustEqual(world.order.mails.toSorted(), placed.map(({ orderId }) => orderId).sort(), 'mails');
}
