import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectProducer, type Producer } from '@millrace/streaming-core/client';
import { sharedStack } from '@millrace/test-support/stack';
import { until } from '@millrace/testing/within';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';
import { tabTo } from './keyboard.ts';
import { stockSamples } from './sample-shop.ts';
import { place } from './shop-page.ts';

const browser = testBrowser();
const { bootstrapServers, instances } = sharedStack();

let producer: Producer;
beforeAll(() => {
  producer = connectProducer({ bootstrapServers: [bootstrapServers], clientId: 'logs-journey' });
});
afterAll(() => producer.close());

const write = (fields: object) =>
  producer.send([
    {
      topic: 'logs',
      key: null,
      value: JSON.stringify({ time: new Date().toISOString(), service: 'loom', ...fields }),
    },
  ]);

describe('the page of the logs', () => {
  it('T39 G31 finds a line by level and text, shows all of it, and works by keyboard', async () => {
    await write({ level: 'error', msg: 'the needle broke', shuttle: 7 });
    await write({ level: 'info', msg: 'the needle is new' });
    await until(
      async () => (await (await fetch(`${instances.logs}/logs?service=loom`)).json()) as { items: unknown[] },
      ({ items }) => items.length === 2,
    );
    await browser.visit(`${instances.logs}/?service=loom`, async (page) => {
      await page.getByText('the needle is new', { exact: true }).waitFor();
      await page.getByLabel('Level').selectOption('error');
      await page.getByLabel('Text').fill('needle');
      await page.keyboard.press('Enter');
      const row = page.getByRole('row').filter({ hasText: 'the needle broke' });
      await row.waitFor();
      expect(await page.getByText('the needle is new', { exact: true }).count()).toBe(0);

      await tabTo(page, row.getByText('the needle broke', { exact: true }));
      await page.keyboard.press('Enter');
      await page.getByText('"shuttle": 7').waitFor();
      await expectAccessible(page);
    });
  });

  it('T39 shows lines as they arrive, without a reload', () =>
    browser.visit(`${instances.logs}/?service=loom&follow=1`, async (page) => {
      await page.getByText('No line has arrived yet').waitFor();
      await write({ level: 'warn', msg: 'the thread is thin' });
      await page.getByRole('row').filter({ hasText: 'the thread is thin' }).waitFor();
      await expectAccessible(page);
    }));

  it('T39 has the lines of an order, to which the console links', async () => {
    await stockSamples();
    await browser.visit(`${sharedConsole()}/shop`, async (page) => {
      await place(page, 'All goes well');
      await page.getByText(/^Your order .* is complete$/).waitFor();
      await page.getByRole('link', { name: 'log lines' }).click();
      await page.getByRole('heading', { name: 'Logs' }).waitFor();
      expect(new URL(page.url()).searchParams.get('orderId')).toMatch(/^[\da-f-]{36}$/);
    });
  });
});
