import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdTopic, openShop, StoryTeller, type LetGo, type PlacedOrder } from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';
import type { Page } from 'playwright-core';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { anotherConsole, sharedConsole } from './console-stack.ts';
import { isFocused, tabTo } from './keyboard.ts';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
const browser = testBrowser();
const readOnly = anotherConsole(() => ({ CONSOLE_READ_ONLY: '1' }));
const sagas = `${sharedConsole()}/sagas`;

let order: PlacedOrder;
let letShip: LetGo;
const pathOfSaga = () => `/sagas/order/fulfillment/${order.orderId}`;
const sagaPage = () => `${sharedConsole()}${pathOfSaga()}`;

beforeAll(async () => {
  letShip = await holdTopic(stack, 'shipping', 'shipping-commands');
  const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
  order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
  await order.sent('ship');
});
afterAll(async () => {
  await letShip?.();
  await order?.endsAs('completed');
  await teller.close();
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page) => page.getByRole('heading', { level: 1 }).locator('..');
const history = (page: Page) => page.getByRole('region', { name: 'history', exact: true });

/** Carries out an act through its dialog. */
async function act(page: Page, name: string, reason: string): Promise<void> {
  await button(page, name).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Reason/).fill(reason);
  await dialog.getByRole('button', { name, exact: true }).click();
}

describe('the list of sagas', () => {
  it('keeps its filter in the address, which a reload shows again', () =>
    browser.visit(sagas, async (page) => {
      const saga = page.getByRole('link', { name: order.orderId });
      await saga.waitFor();
      await expectAccessible(page);

      const states = page.getByRole('navigation', { name: 'states' });
      await states.getByRole('link', { name: 'compensating' }).click();
      await page.getByText('No saga is compensating').waitFor();
      expect(new URL(page.url()).search).toBe('?state=compensating');
      await page.reload();
      await page.getByText('No saga is compensating').waitFor();
      await expectAccessible(page);

      await states.getByRole('link', { name: 'running' }).click();
      await page.getByLabel('Waits for the step').fill('ship');
      await page.getByLabel('Waits for the step').press('Enter');
      await saga.waitFor();
      expect(new URL(page.url()).search).toBe('?state=running&step=ship');
      for (let times = 0; times < 10; times += 1) {
        await page.goBack();
        await page.goForward();
      }
      await saga.waitFor();
    }));

  it('leads to one saga', () =>
    browser.visit(sagas, async (page) => {
      await page.getByRole('link', { name: order.orderId }).click();
      await page.waitForURL(`**${pathOfSaga()}`);
      await heading(page).getByText('running').waitFor();
    }));
});

describe('the page of a saga', () => {
  it('shows why it waits, its commands over time and its history', () =>
    browser.visit(sagaPage(), async (page) => {
      await page.getByText(/^ship waits for .*ShipmentScheduled/).waitFor();
      const gantt = page.getByRole('region', { name: 'commands and waits over time' });
      for (const step of ['reserve', 'pay'])
        await gantt.getByTitle(new RegExp(`^${step}: accepted after`)).waitFor();
      await gantt.getByTitle(/^ship: sent after/).waitFor();
      await history(page)
        .getByRole('link', { name: /SagaStarted/ })
        .waitFor();
      await history(page)
        .getByRole('link', { name: /CommandSent ship/ })
        .waitFor();
      await expectAccessible(page);
    }));

  it('Z43 pauses and resumes it with a reason, by keyboard alone, and shows both acts in the history', () =>
    browser.visit(sagas, async (page) => {
      await tabTo(page, page.getByRole('link', { name: order.orderId }));
      await page.keyboard.press('Enter');
      for (const { name, status } of [
        { name: 'pause', status: 'paused' },
        { name: 'resume', status: 'running' },
      ]) {
        await tabTo(page, button(page, name));
        await page.keyboard.press('Enter');
        const dialog = page.getByRole('dialog', { name: `${name} this saga` });
        await dialog.waitFor();
        expect(await isFocused(dialog.getByLabel(/^Reason/))).toBe(true);
        if (name === 'pause') await expectAccessible(page);
        await page.keyboard.type(`INC-7: ${name} it`);
        await page.keyboard.press('Enter');
        await dialog.waitFor({ state: 'detached' });
        await heading(page).getByText(status, { exact: true }).waitFor();
        const recorded = new RegExp(`OperatorActed.*"action":"${name}","reason":"INC-7: ${name} it"`);
        await history(page).getByRole('link', { name: recorded }).waitFor();
      }
    }));

  it('changes nothing when the dialog is left, and gives the focus back', () =>
    browser.visit(sagaPage(), async (page) => {
      await button(page, 'pause').click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await isFocused(button(page, 'pause'))).toBe(true);
      await heading(page).getByText('running').waitFor();
    }));

  it('Z43 tells the second of two operators that the first has acted', () =>
    browser.visit(
      sagaPage(),
      async (page) => {
        await button(page, 'pause').click();
        const other = await page.context().newPage();
        await other.goto(sagaPage());
        await act(other, 'pause', 'INC-8: I was first');
        await heading(other).getByText('paused').waitFor();

        const dialog = page.getByRole('dialog');
        await dialog.getByLabel(/^Reason/).fill('INC-8: so was I');
        await dialog.getByRole('button', { name: 'pause', exact: true }).click();
        await dialog
          .getByRole('alert')
          .getByText(/has changed since/)
          .waitFor();
        await page.getByText('INC-8: I was first').first().waitFor();

        await act(other, 'resume', 'INC-8: enough');
        await heading(other).getByText('running').waitFor();
        expect(await history(other).getByText('so was I').count()).toBe(0);
      },
      { expected: /status of 412/ },
    ));

  it('Z42 refuses every act in a console that is read-only', () =>
    browser.visit(
      `${readOnly()}${pathOfSaga()}`,
      async (page) => {
        await page.getByText('read-only', { exact: true }).waitFor();
        expect(await button(page, 'pause').isDisabled()).toBe(true);
        const refusal = await page.evaluate(async () => {
          const headers = { 'content-type': 'application/json', 'x-millrace-console': '1' };
          const answer = await fetch('/api/acts', { method: 'POST', headers, body: '{}' });
          return { status: answer.status, code: ((await answer.json()) as { code: string }).code };
        });
        expect(refusal).toEqual({ status: 403, code: 'read_only' });
        await expectAccessible(page);
      },
      { expected: /status of 403/ },
    ));
});
