import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { anotherConsole, stubService } from './console-stack.ts';
import { LongSaga } from './long-saga.ts';

const browser = testBrowser();
const stub = stubService();
const address = anotherConsole(() => ({
  MILLRACE_SERVICES: `order=${stub.url}`,
  MILLRACE_OPS: `order=${stub.url}`,
}));
const eventCount = 20_000;
const saga = new LongSaga(eventCount, Date.now() - 7_200_000);
beforeAll(() => stub.answers((url) => saga.answer(url)));

/** What is on the page, whatever it shows. */
const elementsMax = 1_500;
const elements = (page: Page) => page.locator('*').count();

const gantt = (page: Page) => page.getByRole('region', { name: 'commands and waits over time', exact: true });
const history = (page: Page) => page.getByRole('region', { name: 'history', exact: true });
const countOf = (page: Page, says: string) =>
  page.getByRole('region', { name: 'History', exact: true }).getByText(says, { exact: true });

/** The page reads the time of every event of which it makes a bar or a row. */
const countTimesRead = (page: Page) =>
  page.evaluate(() => {
    const parse = Date.parse;
    let times = 0;
    Date.parse = (text) => {
      times += 1;
      return parse(text);
    };
    Object.assign(globalThis, { timesRead: () => times });
  });
const timesRead = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { timesRead: () => number }).timesRead());

/** Waits until the page has shown the time anew so many times. */
async function seconds(page: Page, count: number): Promise<void> {
  const left = page.locator('.waits time');
  for (let second = 0; second < count; second += 1) {
    const before = await left.innerText();
    await left.filter({ hasNotText: before }).waitFor();
  }
}

describe('a saga of 20,000 events', () => {
  it('Z48 is shown as a whole on demand, and costs the page no more than what can be seen of it', () =>
    browser.visit(`${address()}/sagas/order/fulfillment/long`, async (page) => {
      await countOf(page, 'events 19,001 to 20,000').waitFor();
      for (const earlier of ['5,000', '5,000', '5,000', '4,000'])
        await page.getByRole('button', { name: `Show ${earlier} earlier events` }).click();
      await countOf(page, '20,000 events').waitFor();
      await gantt(page)
        .getByTitle(/^step 1: accepted/)
        .waitFor();
      await history(page).getByText('SagaStarted').waitFor();
      expect(await elements(page)).toBeLessThan(elementsMax);
      await expectAccessible(page);

      await countTimesRead(page);
      await seconds(page, 3);
      expect(await timesRead(page)).toBeLessThan(eventCount / 10);

      await gantt(page).evaluate((list) => list.scrollTo(0, list.scrollHeight));
      await gantt(page)
        .getByTitle(/^step 6666: /)
        .waitFor();
      await history(page).evaluate((list) => list.scrollTo(0, list.scrollHeight));
      await history(page).getByText('step 6666').last().click();
      await page.getByText('"commandId": "command-6666"').waitFor();
      expect(await elements(page)).toBeLessThan(elementsMax);
    }));

  it('is followed while it goes on, and drops the oldest events that the page has', () =>
    browser.visit(`${address()}/sagas/order/fulfillment/long`, async (page) => {
      await countOf(page, 'events 19,001 to 20,000').waitFor();
      await page.getByRole('button', { name: 'Show 5,000 earlier events' }).click();
      await countOf(page, 'events 14,001 to 20,000').waitFor();
      saga.add();
      await countOf(page, 'events 14,001 to 20,001').waitFor();
    }));
});
