import { afterAll, describe, expect, it } from '@jest/globals';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { serviceNames, sharedStack } from '@millrace/test-support/stack';
import type { Page } from 'playwright-core';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { sharedConsole, whileSilent, whileStopped } from './console-stack.ts';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());
const browser = testBrowser();
const overview = sharedConsole();

const map = (page: Page, says: RegExp) => page.getByRole('img', { name: says });
const process = (page: Page, name: string, status: string) =>
  page.getByRole('row', { name: new RegExp(`^${name} ${status} `) });
const check = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

describe('the overview', () => {
  it('shows every service on the map, every process, and that all is well', () =>
    browser.visit(overview, async (page) => {
      await map(page, new RegExp(serviceNames.map((name) => `(?=.*${name} is ready)`).join(''))).waitFor();
      for (const name of serviceNames) await process(page, name, 'ready').waitFor();
      await check(page, 'No message was given up').getByText('the dead-letter topics are empty').waitFor();
      expect(await page.title()).toBe('Overview – Millrace');
      await expectAccessible(page);
    }));

  it('shows the messages of an order flow', () =>
    browser.visit(overview, async (page) => {
      await map(page, /order is ready/).waitFor();
      const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
      const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
      await map(page, /messages flow on .*order-events/).waitFor();
      await order.endsAs('completed');
      await map(page, /messages flow on no topic/).waitFor();
    }));

  it('names a process that an operator has stopped, turns its check red, and leads to it', () =>
    browser.visit(overview, async (page) => {
      await process(page, 'shipping', 'ready').waitFor();
      await whileStopped('shipping', async () => {
        await process(page, 'shipping', 'stopped').waitFor();
        await map(page, /order is ready.*shipping is stopped/).waitFor();
        const broken = check(page, 'Every process is ready');
        await broken.getByText('shipping: stopped').waitFor();
        await broken.getByRole('link').click();
        expect(new URL(page.url()).hash).toBe('#services');
        await expectAccessible(page);
      });
      await process(page, 'shipping', 'ready').waitFor();
    }));

  it('Z45 goes on to show the others while a process does not answer', () =>
    browser.visit(overview, async (page) => {
      await process(page, 'notification', 'ready').waitFor();
      await whileSilent('notification', async () => {
        await process(page, 'notification', 'no answer').waitFor();
        const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
        await shop.place({ customer: 'ada', lines: { lamp: 1 } });
        await map(page, /order is ready.*messages flow on .*order-events/).waitFor();
      });
      await process(page, 'notification', 'ready').waitFor();
    }));

  it('fits a narrow screen', () =>
    browser.visit(
      overview,
      async (page) => {
        await map(page, /order is ready/).waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        await expectAccessible(page);
      },
      { width: 390 },
    ));
});
