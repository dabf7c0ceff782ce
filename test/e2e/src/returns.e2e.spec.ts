import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  completedStory,
  CustomersReturn,
  openShop,
  problemsAfter,
  query,
  StoryTeller,
  type NewOrder,
  type PlacedOrder,
  type ReturnView,
} from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const waitMsMax = 60_000;

/** A return of the tests, which waits for what follows. */
class AwaitedReturn extends CustomersReturn {
  readonly #orderId: string;

  constructor(order: PlacedOrder) {
    super(stack, order);
    this.#orderId = order.orderId;
  }

  /** Waits for the status and, once the return has ended, for the mail about its end. */
  async becomes(status: 'announced' | 'completed' | 'closed'): Promise<ReturnView> {
    let view = await this.view();
    const notifications = `${stack.urls.notification}/notifications?orderId=${this.#orderId}`;
    await until(
      () => `the return of order ${this.#orderId} to be ${status}: ${JSON.stringify(view)}`,
      waitMsMax,
      async () => {
        view = await this.view();
        if (view.status !== status) return false;
        const mail = status === 'announced' ? 'return-label' : `return-${status}`;
        const { items } = await ask<{ items: readonly { kind: string }[] }>('GET', notifications);
        return items.some(({ kind }) => kind === mail);
      },
    );
    return view;
  }
}

/** A shop with ten lamps, and the return of an order of the customer ada that is completed. */
async function completedOrder(wanted: Omit<NewOrder, 'customer'>, price = 10_00) {
  const shop = await openShop(stack, teller, {
    stock: { lamp: 10 },
    accounts: { ada: 1_000_00 },
    prices: { lamp: price },
  });
  const order = await shop.place({ customer: 'ada', ...wanted });
  await order.endsAs('completed');
  return { shop, order, lamp: shop.sku('lamp'), customersReturn: new AwaitedReturn(order) };
}

/** What is told of the order after its completion. */
const storyOfReturn = async (order: PlacedOrder) =>
  (await order.story()).slice(completedStory.orchestrated.length);

/** The commands for a label that the order service has written, published or not. */
const labelsAsked = async ({ orderId }: PlacedOrder) =>
  (
    await query(stack, 'order', `SELECT id FROM outbox WHERE key = $1 AND type = 'MakeReturnLabel'`, [
      orderId,
    ])
  ).length;

/** The text of a stored mail, whose long lines the mail program has broken. */
async function mailText({ orderId }: PlacedOrder, kind: string): Promise<string> {
  const files = (await readdir(stack.mailFolder)).filter((name) => name.startsWith(`${orderId}.${kind}@`));
  const texts = files.map((name) => readFile(join(stack.mailFolder, name), 'utf8'));
  return (await Promise.all(texts)).join('\n').replaceAll(/=\r?\n/g, '');
}

describe('the return of a completed order', () => {
  it('W08 brings back the units and the money, and the label is in the mail', async () => {
    const { shop, order, lamp, customersReturn } = await completedOrder({ lines: { lamp: 3 } });

    await customersReturn.isAsked([{ sku: lamp, quantity: 2 }]);
    const { trackingNumber = 'none', refund } = await customersReturn.becomes('announced');
    expect(trackingNumber).toMatch(/^RL-/);
    expect(await mailText(order, 'return-label')).toContain(`The label ${trackingNumber} is ready`);
    expect(refund.amount).toBe(20_00);
    expect(await shop.books()).toEqual({ ada: 970_00, lamp: { onHand: 7, reserved: 0, shipped: 3 } });

    await customersReturn.isScanned();
    await customersReturn.isScanned(); // a parcel that is scanned again changes nothing
    await customersReturn.becomes('completed');
    const onSale = `${stack.urls.inventory}/products/${lamp}`;
    let stock: object = {};
    await until(
      () => `the lamps to be on sale again: ${JSON.stringify(stock)}`,
      waitMsMax,
      async () => {
        const { onHand, reserved, shipped, returned } = await ask<Record<string, number>>('GET', onSale);
        stock = { onHand, reserved, shipped, returned };
        return onHand === 9;
      },
    );

    expect(stock).toEqual({ onHand: 9, reserved: 0, shipped: 1, returned: 0 });
    const account = `${stack.urls.payment}/accounts/${shop.customerId('ada')}`;
    expect(await ask('GET', account)).toMatchObject({ balance: { amount: 990_00, currency: 'EUR' } });
    expect(await shop.mails(order)).toEqual(['order-completed', 'return-completed', 'return-label']);
    const story = await storyOfReturn(order);
    expect(story.slice(0, 4)).toEqual([
      'ReturnRequested',
      'ReturnLabelMade',
      'ReturnAnnounced',
      'ReturnParcelReceived',
    ]);
    expect(story.slice(4, 6).sort()).toEqual(['ReturnReceived', 'ReturnRefunded']);
    expect(story.slice(6)).toEqual(['ReturnCompleted', 'ReturnRestocked']);
    expect(await problemsAfter(shop, [order])).toEqual([]);
  });

  it('W08 waits for an operator above the limit, and begins once it is approved', async () => {
    const { shop, order, lamp, customersReturn } = await completedOrder({ lines: { lamp: 1 } }, 200_01);

    await customersReturn.isAsked([{ sku: lamp, quantity: 1 }]);
    // A return starts in the transaction of its request, so a command that did not wait would be there.
    expect(await labelsAsked(order)).toBe(0);
    await customersReturn.isJudged('approve');
    await customersReturn.becomes('announced');
    expect(await labelsAsked(order)).toBe(1);
    await customersReturn.isScanned();
    await customersReturn.becomes('completed');

    expect(await problemsAfter(shop, [order])).toEqual([]);
    expect(await shop.books()).toEqual({ ada: 1_000_00, lamp: { onHand: 10, reserved: 0, shipped: 0 } });
  });

  it('W09 moves neither units nor money if an operator denies it above the limit', async () => {
    const { shop, order, lamp, customersReturn } = await completedOrder({ lines: { lamp: 1 } }, 200_01);
    const before = await shop.books();

    await customersReturn.isAsked([{ sku: lamp, quantity: 1 }]);
    await customersReturn.isJudged('deny');

    expect(await customersReturn.becomes('closed')).toMatchObject({ reason: 'denied' });
    expect(await storyOfReturn(order)).toEqual(['ReturnRequested', 'ReturnDenied', 'ReturnClosed']);
    expect(await shop.mails(order)).toEqual(['order-completed', 'return-closed']);
    expect(await problemsAfter(shop, [order])).toEqual([]);
    expect(await shop.books()).toEqual(before);
  });

  it('W09 moves neither if the customer withdraws it, and its label is void', async () => {
    const { shop, order, lamp, customersReturn } = await completedOrder({ lines: { lamp: 1 } });
    const before = await shop.books();

    await customersReturn.isAsked([{ sku: lamp, quantity: 1 }]);
    await customersReturn.becomes('announced');
    await customersReturn.isWithdrawn();

    expect(await customersReturn.becomes('closed')).toMatchObject({ reason: 'withdrawn_by_customer' });
    await expect(customersReturn.isScanned()).rejects.toMatchObject({
      answer: { status: 409 },
      code: 'return_label_voided',
    });
    expect((await storyOfReturn(order)).slice(3)).toEqual([
      'ReturnWithdrawn',
      'ReturnLabelVoided',
      'ReturnClosed',
    ]);
    expect(await problemsAfter(shop, [order])).toEqual([]);
    expect(await shop.books()).toEqual(before);
  });

  it('W09 leaves the units with the customer if the refund is refused after the parcel has arrived', async () => {
    const card = 'tok_refund_refused';
    const { shop, order, lamp, customersReturn } = await completedOrder({ lines: { lamp: 2 }, card });
    const before = await shop.books();

    await customersReturn.isAsked([{ sku: lamp, quantity: 2 }]);
    await customersReturn.becomes('announced');
    await customersReturn.isScanned();

    expect(await customersReturn.becomes('closed')).toMatchObject({ reason: 'refund_refused' });
    const story = await storyOfReturn(order);
    expect(story).toContain('ReturnRefundRefused');
    expect(story.slice(-3)).toEqual(['ReturnSentBack', 'ReturnLabelVoided', 'ReturnClosed']);
    expect(await shop.mails(order)).toEqual(['order-completed', 'return-closed', 'return-label']);
    expect(await problemsAfter(shop, [order])).toEqual([]);
    expect(await shop.books()).toEqual(before);
  });
});
