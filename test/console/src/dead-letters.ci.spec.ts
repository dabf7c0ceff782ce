import { beforeAll, describe, expect, it } from '@jest/globals';
import { connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { sharedStack } from '@millrace/test-support/stack';
import type { Page } from 'playwright-core';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';

const browser = testBrowser();
const letters = `${sharedConsole()}/dead-letters`;

/** A browser that takes it for HTML sets the title of the page. */
const hostile = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

/** Sends a command that nobody can read, with hostile text wherever there may be text. */
beforeAll(async () => {
  const producer = connectProducer({
    bootstrapServers: sharedStack().bootstrapServers.split(','),
    clientId: 'hostile',
    logger: silentLogger,
  });
  const headers = { ce_type: 'ReserveInventory', ce_id: crypto.randomUUID(), [hostile]: hostile };
  await producer.send([
    { topic: 'inventory-commands', key: hostile, value: JSON.stringify(hostile), headers },
  ]);
  await producer.close();
});

const isText = async (page: Page): Promise<void> => {
  await page.getByText(hostile).first().waitFor();
  expect(await page.title()).not.toBe('run');
  expect(await page.locator('img[src=x]').count()).toBe(0);
};

describe('a dead letter', () => {
  it('Z44 runs nothing in the console, whatever stands in its key, value and headers', async () => {
    await browser.visit(letters, async (page) => {
      await page.getByRole('region', { name: 'letters' }).getByRole('link').first().click();
      await page.getByRole('heading', { name: 'Headers' }).waitFor();
      await isText(page);
      await expectAccessible(page);
    });
    await browser.visit(`${sharedConsole()}/topics/inventory-commands`, isText);
    await browser.visit(`${sharedConsole()}/topics/inventory-commands.dlq`, isText);
  });

  it('is counted in the navigation, found by its reason, and discarded on its page with a reason', () =>
    browser.visit(sharedConsole(), async (page) => {
      await page
        .getByRole('navigation', { name: 'pages' })
        .getByRole('link', { name: /^Dead letters/ })
        .click();
      await page.getByRole('region', { name: 'reasons' }).getByRole('link').first().click();
      expect(new URL(page.url()).searchParams.get('topic')).toBe('inventory-commands');
      await page.getByRole('region', { name: 'letters' }).getByRole('link').first().click();

      await page.getByRole('button', { name: 'Discard' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(/^Reason/).fill('nobody can read it');
      await dialog.getByRole('button', { name: /^discard/i }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.goto(letters);
      await page.getByText('No message waits for a decision').waitFor();
    }));
});
