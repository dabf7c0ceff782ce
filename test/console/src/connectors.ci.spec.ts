import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sharedStack, until } from '@millrace/test-support/stack';
import type { Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const address = sharedConsole();
const { dataFolder, instances } = sharedStack();
const folder = join(dataFolder, 'orders-in-a-file');
const file = join(folder, 'orders.txt');

/** Puts a sink that fails, because the folder of its file is missing. */
beforeAll(async () => {
  await stockSamples();
  const orderId = await orderLamp();
  const config = { 'connector.class': 'FileStreamSink', topics: 'order-events', file };
  const put = await fetch(`${instances.connect}/connectors/orders-in-a-file/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(config),
  });
  expect({ status: put.status, orderId }).toEqual({ status: 201, orderId: expect.any(String) });
});
afterAll(() => fetch(`${instances.connect}/connectors/orders-in-a-file`, { method: 'DELETE' }));

const state = (page: Page) => page.getByRole('region', { name: 'State' });

async function act(page: Page, name: string): Promise<void> {
  await state(page).getByRole('button', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Reason/).fill('INC-8: the folder was missing');
  await dialog.getByRole('button', { name, exact: true }).click();
}

it('a connector that failed says why, is restarted, paused and resumed', () =>
  browser.visit(`${address}/connectors`, async (page) => {
    const row = page.getByRole('row', { name: 'orders-in-a-file' });
    await row.getByText('0 of 1').waitFor();
    await row.getByText(/ENOENT.* Correct the file or its disk, then restart the task/).waitFor();
    await row.getByRole('link', { name: 'orders-in-a-file' }).click();
    await page.getByRole('row', { name: 'topics order-events' }).waitFor();

    await mkdir(folder);
    await act(page, 'Restart what failed');
    await state(page).getByText('ENOENT').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /^0 .*running/i }).waitFor();
    await until('the order to be in the file', 20_000, async () =>
      (await readFile(file, 'utf8').catch(() => '')).includes('lamp'),
    );

    await act(page, 'Pause');
    await state(page).getByText('paused').waitFor();
    await act(page, 'Resume');
    await state(page).getByRole('button', { name: 'Pause', exact: true }).waitFor();
  }));
