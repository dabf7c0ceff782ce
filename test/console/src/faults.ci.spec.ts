import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openShop, StoryTeller, type Shop } from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import type { Locator, Page } from 'playwright-core';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { anotherConsole, sharedConsole } from './console-stack.ts';
import { stockSamples } from './sample-shop.ts';

const unansweredMsMax = 8_000;
const answerMsMax = 60_000;

const browser = testBrowser();
const readOnly = anotherConsole(() => ({ MILLRACE_FAULTS: '1', CONSOLE_READ_ONLY: '1' }));
const signed = { actor: 'test', reason: 'to see it refused' };

const row = (page: Page, begins: string): Locator =>
  page.getByRole('row', { name: new RegExp(`^${begins} `) });
const readyCheck = (page: Page): Locator =>
  page.getByRole('listitem').filter({ hasText: 'Every process is ready' });

/** Opens the dialog of a fault and confirms it. */
async function cause(page: Page, fault: 'Kill' | 'Pause' | 'Resume', part: string): Promise<void> {
  await row(page, part).getByRole('button', { name: fault }).click();
  const dialog = page.getByRole('dialog', { name: `${fault} ${part}` });
  await dialog.getByLabel(/^Reason/).fill('to see it heal');
  await dialog.getByRole('button', { name: fault }).click();
}

/** The process id and the number of starts that a row shows. */
async function runOf(shown: Locator): Promise<{ readonly pid: number; readonly starts: number }> {
  await shown.waitFor();
  const cells = await shown.getByRole('cell').allInnerTexts();
  return { pid: Number(cells[2]), starts: Number(cells[3]) };
}

const postKill = (console: string): Promise<Response> =>
  fetch(`${console}/api/faults/notification/kill`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-millrace-console': '1' },
    body: JSON.stringify(signed),
  });

describe('the faults of a stack that allows them', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;
  const faults = () => `${stack.consoleUrl}/faults`;

  beforeAll(async () => {
    const settings = { MILLRACE_FAULTS: '1', MILLRACE_UNANSWERED_MS_MAX: String(unansweredMsMax) };
    stack = await startStack(settings, { console: true });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    await stockSamples(stack);
    await until('the console to answer', answerMsMax, () =>
      fetch(faults()).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  });
  afterAll(async () => {
    await teller?.close();
    await stack?.stop();
  });

  it('kill a service, which starts again with another process id and finishes what waited for it', () =>
    browser.visit(faults(), async (page) => {
      await page.getByRole('link', { name: 'Faults', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Place 20 orders' }).click();
      await page.getByText('20 orders placed').waitFor();
      const before = await runOf(row(page, 'inventory running'));
      await cause(page, 'Kill', 'inventory');
      const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });

      await row(page, `inventory running (?!${before.pid}\\b)\\d+ ${before.starts + 1} SIGKILL`)
        .getByText('killed')
        .waitFor();
      await readyCheck(page).getByText('5 processes').waitFor();
      await order.endsAs('completed');
      await expectAccessible(page);
    }));

  it('pause a service, whose silence the supervisor counts until it kills it', () =>
    browser.visit(faults(), async (page) => {
      const before = await runOf(row(page, 'notification running'));
      await cause(page, 'Pause', 'notification');
      await row(page, 'notification paused')
        .getByText(/^no answer for \d+ s, killed in \d+ s$/)
        .waitFor();
      await readyCheck(page).getByText('notification: no answer').waitFor();
      await expectAccessible(page);

      await row(page, 'notification running')
        .getByText(/SIGKILL, silent for \d+ s/)
        .waitFor();
      expect(await runOf(row(page, 'notification running'))).not.toEqual(before);
      await readyCheck(page).getByText('5 processes').waitFor();
    }));

  it('pause a database, which is never killed for its silence, until it is resumed', () =>
    browser.visit(faults(), async (page) => {
      const before = await runOf(row(page, 'keys running'));
      await cause(page, 'Pause', 'keys');
      await row(page, 'keys paused').getByText('until it is resumed').waitFor();
      await cause(page, 'Resume', 'keys');
      await row(page, 'keys running').getByText('resumed').waitFor();
      expect(await runOf(row(page, 'keys running'))).toEqual(before);
    }));

  it('do not pause the console that the person looks at', () =>
    browser.visit(
      faults(),
      async (page) => {
        await cause(page, 'Pause', 'console');
        await page.getByRole('alert').getByText('The console does not pause itself').waitFor();
        await page.keyboard.press('Escape');
        await row(page, 'console running').waitFor();
      },
      { expected: /status of 409/ },
    ));
});

describe('the faults of a console that is read-only', () => {
  it('are shown and refused', () =>
    browser.visit(`${readOnly()}/faults`, async (page) => {
      const kill = row(page, 'notification').getByRole('button', { name: 'Kill' });
      await kill.waitFor();
      expect(await kill.isDisabled()).toBe(true);
      const answer = await postKill(readOnly());
      expect(answer.status).toBe(403);
      expect(await answer.json()).toMatchObject({ code: 'read_only' });
    }));
});

describe('the faults of a console without MILLRACE_FAULTS', () => {
  it('are explained on their page, and are neither in the navigation nor in the API', () =>
    browser.visit(`${sharedConsole()}/faults`, async (page) => {
      await page.getByText('start it again with MILLRACE_FAULTS=1 npm start').waitFor();
      await page.getByRole('link', { name: 'Runbook' }).waitFor();
      expect(await page.getByRole('link', { name: 'Faults' }).count()).toBe(0);
      await expectAccessible(page);
      expect((await postKill(sharedConsole())).status).toBe(404);
      expect((await fetch(`${sharedConsole()}/api/faults/live`)).status).toBe(400); // no list has this name
    }));
});
