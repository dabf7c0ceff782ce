import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic, type ForeignRecord } from '@millrace/testing/kcat';
import {
  openShop,
  StoryTeller,
  type NewOrder,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const commandTopics = ['inventory-commands', 'payment-commands', 'shipping-commands', 'order-commands'];
const eventTopics = ['order-events', 'inventory-events', 'payment-events', 'shipping-events'];

/**
 * Each row has the message that the saga received, the command that it sent in response, and the
 * topic of that command.
 */
const reserve = ['OrderCreated', 'ReserveInventory', 'inventory-commands'];
const pay = ['InventoryReserved', 'ProcessPayment', 'payment-commands'];
const ship = ['PaymentProcessed', 'ScheduleShipment', 'shipping-commands'];

describe('G27 the saga, orchestrated', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00, bob: 5_00 } });
  });

  const ended = async (
    order: NewOrder,
    status: 'completed' | 'cancelled',
    reason?: string,
  ): Promise<PlacedOrder> => {
    const placed = await shop.place(order);
    await placed.endsAs(status, reason);
    return placed;
  };

  it('reserves, pays, ships and completes an order that nothing prevents', async () => {
    const order = await ended({ customer: 'ada', lines: { lamp: 1 } }, 'completed');

    expect(await commandsOf(order)).toEqual([
      reserve,
      pay,
      ship,
      ['OrderCompleted', 'CommitReservation', 'inventory-commands'],
    ]);
  });

  it('releases the stock after a failed payment and cancels the order', async () => {
    const order = await ended({ customer: 'bob', lines: { lamp: 1 } }, 'cancelled', 'insufficient_funds');

    expect(await commandsOf(order)).toEqual([
      reserve,
      pay,
      ['PaymentFailed', 'ReleaseInventory', 'inventory-commands'],
      ['InventoryReleased', 'CancelOrder', 'order-commands'],
    ]);
  });

  it('only cancels the order after a failed reservation', async () => {
    const order = await ended({ customer: 'ada', lines: { lamp: 1_000 } }, 'cancelled', 'out_of_stock');

    expect(await commandsOf(order)).toEqual([
      reserve,
      ['InventoryReserveFailed', 'CancelOrder', 'order-commands'],
    ]);
  });

  it('refunds, releases and cancels when the address is refused', async () => {
    const order = await ended(
      { customer: 'ada', lines: { lamp: 1 }, postcode: '00000' },
      'cancelled',
      'address_refused',
    );

    expect(await commandsOf(order)).toEqual([
      reserve,
      pay,
      ship,
      ['ShipmentFailed', 'RefundPayment', 'payment-commands'],
      ['PaymentRefunded', 'ReleaseInventory', 'inventory-commands'],
      ['InventoryReleased', 'CancelOrder', 'order-commands'],
    ]);
  });
});

/** The commands that a foreign client finds under the order's key, as rows of the guide's table. */
async function commandsOf({ orderId }: PlacedOrder): Promise<readonly (readonly string[])[]> {
  const [commands, events] = await Promise.all([readAll(commandTopics), readAll(eventTopics)]);
  const eventTypes = new Map(events.map((event) => [idOf(event), typeOf(event)]));
  const own = commands
    .filter(({ key }) => key === orderId)
    .sort((one, other) => timeOf(one).localeCompare(timeOf(other)));
  expect(commands.filter(({ key, value }) => key !== orderId && value.includes(orderId))).toEqual([]);
  return onceEach(own).map((command) => [
    eventTypes.get(command.headers.get('ce_causationid') ?? '') ?? 'nothing',
    typeOf(command),
    command.topic,
  ]);
}

/**
 * Drops repetitions. A re-send or a crashed relay may write a command twice, with the same id and
 * no further effect.
 */
const onceEach = (records: readonly ForeignRecord[]) =>
  records.filter((record, index) => records.findIndex((other) => idOf(other) === idOf(record)) === index);

const readAll = async (topics: readonly string[]): Promise<readonly ForeignRecord[]> =>
  (await Promise.all(topics.map((topic) => readTopic(stack.bootstrapServers, topic)))).flat();

const idOf = ({ headers }: ForeignRecord): string => headers.get('ce_id') ?? 'no id';
const timeOf = ({ headers }: ForeignRecord): string => headers.get('ce_time') ?? 'no time';
const typeOf = ({ value }: ForeignRecord): string => (JSON.parse(value) as { readonly type: string }).type;
