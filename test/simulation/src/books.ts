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
  must(
    world.deadLetters.length === 0,
    () => `commands that a domain must not reject: ${world.deadLetters.join(', ')}`,
  );
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
      // A customer may owe a refund that is reversed after it was spent.
      left >= -sum(ordered.map((each) => refundOf(world, each))) &&
        left <= balance &&
        balance - left <= sum(ordered.map((each) => amountOf(each) + refundOf(world, each))),
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
    must(
      status !== 'cancelled' || holdings(world, each).length === 0,
      () => `${each.orderId} is cancelled and still has ${holdings(world, each).join(', ')}`,
    );
    must(
      status !== 'completed' || world.payment.paymentOf(each.orderId).status === 'processed',
      () => `${each.orderId} is completed and not paid`,
    );
  }
  for (const what of ['order', 'return'] as const) {
    const ends = endsOf(world, what);
    must(new Set(ends).size === ends.length, () => `one ${what} has ended twice: ${ends.join(', ')}`);
  }
  for (const reactions of world.reactions)
    for (const problem of reactions.problems()) throw new Violation(problem);
  for (const [name, { state, timers }] of world.order.instances)
    must(!isStuck(state, timers), () => `${name} is ${state.status} and waits for nothing`);
}

/** Names what an order still holds and its cancellation must have undone. */
const holdings = ({ inventory, payment, shipping }: World, { orderId }: NewOrder): readonly string[] => [
  ...(inventory.reservationOf(orderId).status === 'reserved' ? ['units'] : []),
  ...(['charging', 'processed', 'refunding'].includes(payment.paymentOf(orderId).status)
    ? ['a payment']
    : []),
  ...(shipping.booked.has(orderId) ? ['a booking'] : []),
];

/** The orders whose end, or the end of whose return, was mailed. */
const endsOf = (world: World, what: 'order' | 'return'): readonly string[] =>
  world.order.mails.flatMap((mail) => {
    const [kind = '', orderId = ''] = mail.split(' ');
    return kind.startsWith(`${what}-`) && kind !== 'return-label' ? [orderId] : [];
  });

const returnOf = (world: World, { orderId }: NewOrder) => {
  const found = world.order.returns.get(orderId);
  return found === undefined || found.status === 'none' ? undefined : found;
};
const refundOf = (world: World, order: NewOrder): number => returnOf(world, order)?.refund.amount ?? 0;

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
  for (const reactions of world.reactions)
    for (const problem of reactions.unfinished()) throw new Violation(problem);
  for (const [name, { orderId, state }] of world.order.instances) {
    must(state.status === 'completed' || state.status === 'compensated', () => `${name} is ${state.status}`);
    const isReturn = name.startsWith('return ');
    const { status } = (isReturn ? world.order.returns : world.order.orders).get(orderId) ?? {};
    const undone = isReturn ? 'closed' : 'cancelled';
    mustEqual(status, state.status === 'completed' ? 'completed' : undone, name);
  }
  for (const orderId of world.order.cancellations)
    mustEqual(world.order.orders.get(orderId)?.status, 'cancelled', `${orderId}, whose customer was told so`);
  const placed = settings.orders.filter(({ orderId }) => world.order.orders.has(orderId));
  const completed = placed.filter(({ orderId }) => world.order.orders.get(orderId)?.status === 'completed');
  const isReturned = (each: NewOrder) => returnOf(world, each)?.status === 'completed';
  const refunded = (each: NewOrder) => (isReturned(each) ? refundOf(world, each) : 0);
  const unitsOf = (sku: string, lines: NewOrder['lines'] = []) =>
    sum(lines.map((each) => (each.sku === sku ? each.quantity : 0)));
  const shippedOf = (sku: string) =>
    sum(completed.map(({ lines }) => unitsOf(sku, lines))) -
    sum(completed.filter(isReturned).map((each) => unitsOf(sku, returnOf(world, each)?.lines)));
  for (const [sku, received] of Object.entries(settings.units)) {
    const [onHand, reserved, shipped, returned] = partsOf(world.inventory.shelves.get(sku));
    const left = received - shippedOf(sku);
    mustEqual([onHand, reserved, shipped, returned], [left, 0, shippedOf(sku), 0], `stock of ${sku}`);
  }
  const isPaidFrom = (customer: string) => (each: NewOrder) =>
    each.customerId === customer && each.paymentMethod === 'account';
  for (const [customer, balance] of Object.entries(settings.balances)) {
    const kept = (each: NewOrder) => amountOf(each) - refunded(each);
    const paid = sum(completed.filter(isPaidFrom(customer)).map(kept));
    mustEqual(balanceOf(world, customer), balance - paid, `balance of ${customer}`);
  }
  const byCard = completed.filter(({ paymentMethod }) => paymentMethod !== 'account');
  const charges = byCard.map((each) => [each.orderId, amountOf(each)]).sort();
  mustEqual([...world.payment.charged].sort(), charges, 'charged cards');
  const parts = byCard
    .filter(isReturned)
    .map((each) => [each.orderId, refunded(each)])
    .sort();
  mustEqual([...world.refunds.parts].sort(), parts, 'refunded parts of charges');
  const ids = completed.map(({ orderId }) => orderId).sort();
  mustEqual([...world.shipping.booked].sort(), ids, 'bookings at the carrier');
  mustEqual([...world.shipping.dispatched].sort(), ids, 'parcels on their way');
  mustEqual(endsOf(world, 'order').toSorted(), placed.map(({ orderId }) => orderId).sort(), 'mails');
  mustEqual(endsOf(world, 'return').toSorted(), [...world.order.returns.keys()].sort(), 'mails of returns');
}
