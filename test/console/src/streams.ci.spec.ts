import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const address = sharedConsole();
beforeAll(stockSamples);

const stateTitle = (page: Page) => page.getByRole('heading', { name: /^State at version/ });
const changes = (page: Page) => page.getByRole('region', { name: 'changes' });

describe('an event stream', () => {
  it('is found, and shows its state at each version, which the address keeps', () =>
    browser.visit(`${address}/streams?view=find&prefix=stock-vase`, async (page) => {
      await page.getByRole('link', { name: 'stock-vase' }).click();
      await stateTitle(page).waitFor();

      await page.getByRole('link', { name: '1', exact: true }).click();
      await page.getByRole('heading', { name: 'State at version 1' }).waitFor();
      await page.getByRole('slider').press('ArrowRight');
      await changes(page).getByText('/onHand').waitFor();
      expect(new URL(page.url()).search).toContain('version=2');

      await page.getByLabel('Compare with').fill('0');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Changes from version 0 to 2' }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Changes from version 0 to 2' }).waitFor();
    }));

  it('is followed live, and leads to the event', () =>
    browser.visit(`${address}/streams?type=OrderCreated`, async (page) => {
      await page.getByText('events came').waitFor();
      const orderId = await orderLamp();
      await page.getByRole('region', { name: 'events' }).getByText(`order-${orderId}`).click();
      await page.getByRole('heading', { name: 'State at version 1' }).waitFor();
      await page.getByText('stands for a value about a person').waitFor();
    }));
});

describe('a read model', () => {
  it('is rebuilt with a reason, which the acts of operators show', () =>
    browser.visit(`${address}/projections`, async (page) => {
      const row = page.getByRole('row', { name: 'product' });
      await row.getByRole('button', { name: 'Rebuild' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(/^Reason/).fill('INC-31: a column was wrong');
      await dialog.getByRole('button', { name: 'Rebuild', exact: true }).click();
      await row.getByText('The rebuild has begun').waitFor();

      await page.getByRole('link', { name: 'Acts' }).click();
      await page.getByText('INC-31: a column was wrong').waitFor();
    }));
});
