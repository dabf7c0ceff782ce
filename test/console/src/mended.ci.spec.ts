import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { SagaView } from '@millrace/operations/contract';
import {
  loseMessage,
  openShop,
  query,
  StoryTeller,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';
import type { Locator, Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { operatorOf, sharedConsole } from './console-stack.ts';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
const browser = testBrowser();
const overview = sharedConsole();
const causeMsMax = 30_000;
/** A person does not wait longer for what they did. */
const mendedMsMax = 60_000;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop(stack, teller, { stock: { lamp: 50 }, accounts: { ada: 10_000_00 } });
});
afterAll(() => teller.close());
const place = () => shop.place({ customer: 'ada', lines: { lamp: 1 } });

const visit = (test: (page: Page) => Promise<void>) =>
  browser.visit(overview, (page) => {
    page.setDefaultTimeout(mendedMsMax);
    return test(page);
  });

const broken = (page: Page, rule: string) => page.getByRole('link', { name: rule, exact: true });
const holds = (page: Page, rule: string) => page.locator('.tiles li:not(.broken)').filter({ hasText: rule });
const fault = (page: Page, name: string) =>
  page.getByRole('region', { name: 'What calls for an operator' }).getByRole('link', { name }).first();

/** Carries out an act through its dialog. */
async function act(place: Page | Locator, page: Page, name: string): Promise<void> {
  await place.getByRole('button', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Reason/).fill('INC-9: it is repaired');
  await dialog.getByRole('button', { name, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

const sagaOf = ({ orderId }: PlacedOrder) => `/ops/sagas/fulfillment/${orderId}`;

/** Sends the command that the saga waits for again and again, until the saga needs attention. */
async function retryUntilAttention(order: PlacedOrder): Promise<void> {
  const ops = operatorOf('order');
  await until('the saga to need attention', causeMsMax, async () => {
    const { body, etag } = await ops.get<SagaView>(sagaOf(order));
    if (body.status === 'needs_attention') return true;
    await ops.post(`${sagaOf(order)}/actions`, {
      body: { action: 'retry', reason: 'once more' },
      ifMatch: etag,
    });
    return false;
  });
}

/** Processes notice a hold within a second or so: an order before that is sent all of its commands. */
async function placeHeldBack(): Promise<PlacedOrder> {
  const shipOf = async (order: PlacedOrder) => {
    const found = await operatorOf('order')
      .get<SagaView>(sagaOf(order))
      .catch(() => undefined);
    return found?.body.steps.find(({ name }) => name === 'ship')?.status;
  };
  let order = await place();
  await until('an order to be held back', causeMsMax, async () => {
    const status = await shipOf(order);
    if (status === 'accepted') order = await place();
    return status === 'withheld';
  });
  return order;
}

/** What the tables of an order's saga say if it began two hours ago. */
const twoHoursLater = [
  `UPDATE saga_timer SET since = since - interval '2 hours' WHERE saga_id = $1`,
  `UPDATE saga_instance SET started_at = started_at - interval '2 hours' WHERE saga_id = $1`,
];

describe('Z49 within a minute, an operator finds on the overview and mends', () => {
  it('a saga that needs attention: its command is sent again', async () => {
    const lost = await loseMessage(stack, 'order', {
      type: 'CommitReservation',
      containing: shop.sku('lamp'),
      times: 100,
    });
    const order = await place();
    try {
      await order.sent('commit');
      await retryUntilAttention(order);
    } finally {
      await lost.end();
    }
    await visit(async (page) => {
      await broken(page, 'No saga needs attention').click();
      await page.getByRole('link', { name: order.orderId }).click();
      await act(page, page, 'retry');
      await page.getByText('It has completed').waitFor();
      await page.goto(overview);
      await holds(page, 'No saga needs attention').waitFor();
    });
  });

  it('a stuck saga: what an operator held back is released', async () => {
    const held = { kind: 'commands', name: 'shipping-commands', reason: 'the carrier is away' };
    await operatorOf('order').post('/ops/saga-holds', { body: held });
    let isHeld = true;
    try {
      const { orderId } = await placeHeldBack();
      for (const statement of twoHoursLater) await query(stack, 'order', statement, [orderId]);
      await visit(async (page) => {
        await fault(page, 'sagas stuck').click();
        await page.getByRole('link', { name: 'Show what it is about' }).click();
        await page.getByRole('link', { name: orderId }).click();
        await page
          .getByText(/held back|holds .* back/)
          .first()
          .waitFor();
        await page.getByRole('link', { name: /^fulfillment \d/ }).click();
        await act(page.getByRole('row', { name: /shipping-commands/ }), page, 'release');
        isHeld = false;
        await page.goto(`${overview}/sagas/order/fulfillment/${orderId}`);
        await page.getByText('It has completed').waitFor();
        await page.goto(overview);
        await holds(page, 'No saga needs attention').waitFor();
        await fault(page, 'sagas stuck').waitFor({ state: 'detached' });
      });
    } finally {
      if (isHeld) await operatorOf('order').post('/ops/saga-holds/release', { body: held });
    }
  });

  it('a parked key, which is given up, and its dead letter, which is redriven', async () => {
    await query(stack, 'inventory', 'ALTER TABLE reservation RENAME TO reservation_away');
    const repair = () => query(stack, 'inventory', 'ALTER TABLE reservation_away RENAME TO reservation');
    let isRepaired = false;
    try {
      const order = await place();
      await visit(async (page) => {
        await broken(page, 'No key is parked').click();
        const parked = page.getByRole('listitem').filter({ hasText: order.orderId });
        await parked.getByText(/reservation/).waitFor();
        await act(parked, page, 'Give up');
        await parked.waitFor({ state: 'detached' });
        await page.goto(overview);
        await holds(page, 'No key is parked').waitFor();

        await repair();
        isRepaired = true;
        await broken(page, 'No message was given up').click();
        const letters = page.getByRole('region', { name: 'letters', exact: true });
        await letters.getByRole('row', { name: order.orderId }).getByRole('link').click();
        await page
          .getByText(/reservation/)
          .first()
          .waitFor();
        await act(page, page, 'Redrive');
        await order.endsAs('completed');
        await page.goto(overview);
        await holds(page, 'No message was given up').waitFor();
      });
    } finally {
      if (!isRepaired) await repair();
    }
  });
});
