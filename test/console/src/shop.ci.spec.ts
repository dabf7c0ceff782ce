import { beforeAll, describe, expect, it } from '@jest/globals';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { showsChoreography } from './choreographed.suite.ts';
import { sharedConsole, whileStopped } from './console-stack.ts';
import { stockSamples } from './sample-shop.ts';
import { place, row } from './shop-page.ts';

const browser = testBrowser();
const shop = `${sharedConsole()}/shop`;
beforeAll(stockSamples);

describe('the shop of the console', () => {
  it('shows what happens inside an order, up to the mail, and which file to read', () =>
    browser.visit(shop, async (page) => {
      await expectAccessible(page);
      await place(page, 'All goes well');
      await row(page, 'ReserveInventory: order sends it to inventory').waitFor();
      await row(page, 'InventoryReserved: inventory records it').waitFor();
      await row(page, 'ProcessPayment: order sends it to payment').waitFor();
      await row(page, 'ShipmentScheduled: shipping sends it to order').waitFor();
      await row(page, 'OrderCompleted: order records it').waitFor();
      await page.getByText(/^Your order .* is complete$/).waitFor();

      await row(page, 'ReserveInventory: order sends it to inventory').click();
      const chosen = page.getByRole('complementary', { name: 'the chosen row' });
      await chosen.getByText('apps/order/src/fulfillment/fulfillment.saga.ts').waitFor();
      expect(new URL(page.url()).searchParams.get('row')).toMatch(/^[\da-f-]{36}$/);
      await expectAccessible(page);
    }));

  it('shows how an order that the carrier refuses is undone, the last step first', () =>
    browser.visit(shop, async (page) => {
      await place(page, 'The carrier refuses');
      await row(page, 'OrderCancelled: order records it').waitFor();
      await row(page, 'NotificationSent: notification records it').waitFor();
      const said = await page
        .locator('.sequence a')
        .evaluateAll((rows) => rows.map((one) => one.ariaLabel ?? ''));
      const refund = said.indexOf('RefundPayment: order sends it to payment');
      expect(refund).toBeGreaterThan(said.indexOf('ShipmentFailed: shipping sends it to order'));
      expect(said.indexOf('ReleaseInventory: order sends it to inventory')).toBeGreaterThan(refund);
      await expectAccessible(page);
    }));

  showsChoreography(browser, shop);

  it('takes an order while inventory is stopped, which goes on once inventory runs again', () =>
    browser.visit(shop, async (page) => {
      await whileStopped('inventory', async () => {
        await page.reload();
        await page.getByText('inventory does not answer').waitFor();
        await place(page, 'All goes well');
        await row(page, 'ReserveInventory: order sends it to inventory-commands').waitFor();
      });
      await row(page, 'OrderCompleted: order records it').waitFor();
    }));
});
