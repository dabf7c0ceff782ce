import { expect, it } from '@jest/globals';
import { expectAccessible } from './accessibility.ts';
import type { TestBrowser } from './browser.ts';
import { place, row } from './shop-page.ts';

/** Its own file, because a fork may remove choreographed orders. */
export function showsChoreography(browser: TestBrowser, shop: string): void {
  it('shows how an order without a saga is undone, by the answers of its services', () =>
    browser.visit(shop, async (page) => {
      await place(page, 'Choreography, undone');
      await row(page, 'OrderCancelled: order records it').waitFor();
      await page.getByRole('heading', { name: 'Its choreography, step by step' }).waitFor();
      await page.getByRole('row', { name: 'undo reserve' }).waitFor();
      await row(page, 'PaymentDetails: order sends it to payment').waitFor();
      expect(await row(page, 'ReserveInventory: order sends it to inventory').count()).toBe(0);
      await expectAccessible(page);
    }));
}
