import { beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/test-support/stack';
import type { Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { sharedConsole, whileSilent } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const address = sharedConsole();
beforeAll(async () => {
  await stockSamples();
  await orderLamp();
});

const waitMsMax = 20_000;

/** Whether the last drawing has pixels in the colour of its line, as the present theme has it. */
const isDrawn = `(() => {
  const [line] = document.querySelectorAll('.line-0');
  const canvas = [...document.querySelectorAll('.drawing canvas')].at(-1);
  const wanted = getComputedStyle(line).stroke.match(/\\d+/g).map(Number);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] === 255 && wanted.every((part, index) => data[at + index] === part)) return true;
  return false;
})()`;

const library = expect.stringContaining('uPlot');
/** The addresses of all that the page has loaded. */
const loaded = `performance.getEntriesByType('resource').map(({ name }) => name)`;

const rowOf = (page: Page, chart: string, line: string) =>
  page.getByRole('region', { name: `${chart}, by line` }).getByRole('row', { name: line });

describe('the charts', () => {
  it('are drawn in the colours of either theme, by a library that no other page loads', () =>
    browser.visit(address, async (page) => {
      await page.getByRole('img', { name: /order is ready/ }).waitFor();
      expect(await page.evaluate<readonly string[]>(loaded)).not.toContainEqual(library);
      const asked = page.waitForRequest((request) => /uPlot/.test(request.url()));
      await page.getByRole('link', { name: 'Charts' }).click();
      await asked;
      await page.getByRole('img', { name: /^Dead letters: all topics 0 to \d/ }).waitFor();

      for (const theme of ['light', 'dark']) {
        await page.getByRole('button', { name: /^Colours/ }).click();
        await page.getByRole('button', { name: `Colours: ${theme}` }).waitFor();
        await until('the charts to be drawn', waitMsMax, () => page.evaluate<boolean>(isDrawn));
      }
    }));

  it('follow an order, and say in words what they draw', () =>
    browser.visit(`${address}/charts`, async (page) => {
      await rowOf(page, 'Messages sent per second', 'notification-events').waitFor();
      await orderLamp();
      await page
        .getByRole('img', { name: /^Messages sent per second: .*order-events 0\/s to (?!0\/s)/ })
        .waitFor();
      await rowOf(page, 'Lag in time', 'order-projector').waitFor();

      const drawing = page.getByRole('img', { name: /^Messages sent per second/ });
      const { width = 0 } = (await drawing.boundingBox()) ?? {};
      await drawing.hover({ position: { x: width - 40, y: 60 } });
      await page
        .getByText(/^values at .* UTC$/)
        .first()
        .waitFor();
    }));

  it('say nothing of a service that does not answer', () =>
    browser.visit(`${address}/charts`, async (page) => {
      const chart = 'Age of the oldest message in an outbox';
      await rowOf(page, chart, 'shipping').waitFor();
      await whileSilent('shipping', () => rowOf(page, chart, 'shipping –').waitFor());
      await rowOf(page, chart, 'inventory').waitFor();
    }));
});
