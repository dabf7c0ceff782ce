import { beforeAll, describe, expect, it } from '@jest/globals';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const address = sharedConsole();
let orderId: string;
let otherId: string;
beforeAll(async () => {
  await stockSamples();
  orderId = await orderLamp();
  otherId = await orderLamp();
});

describe('a stream application', () => {
  it('Z51 is found, and shows its topology, its tasks and the state of its process', () =>
    browser.visit(`${address}/applications`, async (page) => {
      const row = page.getByRole('row', { name: 'analytics' });
      await row.getByText('running').waitFor();
      await row.getByRole('link', { name: 'analytics' }).click();

      const topology = page.getByRole('region', { name: 'topology' }).getByRole('img');
      await topology.waitFor();
      expect(await topology.getAttribute('aria-label')).toMatch(/follow-orders keeps orders after /);
      await page
        .getByRole('region', { name: 'tasks' })
        .getByText('order-events/0', { exact: true })
        .waitFor();
    }));

  it('Z51 is looked into by a key of a store, which the address keeps', () =>
    browser.visit(`${address}/applications/analytics`, async (page) => {
      await page.getByRole('link', { name: 'orders', exact: true }).click();
      const entries = page.getByRole('region', { name: 'entries' });
      await entries.getByText(otherId).first().waitFor();
      await page.getByLabel('Key').fill(orderId);
      await page.keyboard.press('Enter');
      await entries.getByText(otherId).first().waitFor({ state: 'detached' });
      await page.reload();
      await entries.getByText(orderId).first().waitFor();
      expect(await page.getByLabel('Key').inputValue()).toBe(orderId);
      expect(await entries.getByText(otherId).count()).toBe(0);

      await page.getByLabel('Key').fill('nobody');
      await page.keyboard.press('Enter');
      await page.getByText('orders does not have this key').waitFor();
    }));
});
