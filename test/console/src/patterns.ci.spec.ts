import { beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/test-support/stack';
import type { Locator, Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const address = sharedConsole();
beforeAll(async () => {
  await stockSamples();
  await orderLamp();
});

const waitMsMax = 20_000;

/** What the page shows that a link leads to, by the pattern. */
const shown: Readonly<Record<string, (page: Page) => Locator>> = {
  'decider: decide and evolve': (page) => page.getByRole('slider'),
  'private events, public messages': (page) => page.getByText(/^Scanned .* [1-9]\d* found/),
  'event store on PostgreSQL': (page) => page.getByRole('link', { name: /^order-/ }),
  'decide and record at a version': (page) => page.getByRole('heading', { name: 'State at version 1' }),
  'transactional outbox and relay': (page) => page.getByText(/^\d+, epoch \d+$/),
  'inbox: each effect happens once': (page) => page.getByText('Its offsets stand in the database'),
  'compensating saga': (page) => page.getByText('Point of no return'),
  'durable timers': (page) => page.getByRole('columnheader', { name: 'Waits for' }),
  'calls to external systems': (page) => page.getByText('systems outside'),
  'read model, declared once': (page) => page.getByRole('button', { name: 'Rebuild' }),
  'idempotent HTTP requests': (page) => page.getByRole('button', { name: /^POST/ }),
  'crash-safe partitioned log': (page) => page.getByRole('heading', { name: 'Partitions' }),
};

describe('the patterns', () => {
  it('each have a picture, and lead to where they work now', () =>
    browser.visit(
      `${address}/patterns`,
      async (page) => {
        const names = Object.keys(shown);
        await page.getByRole('link', { name: 'Move a stream through its versions' }).waitFor();
        const items = page.getByRole('main').getByRole('listitem');
        expect(await items.getByRole('heading').allTextContents()).toEqual(names);
        expect(await items.getByRole('img').count()).toBe(names.length);
        await until('the pictures', waitMsMax, () => page.evaluate<boolean>(arePainted));

        const targets = await page.evaluate<readonly string[]>(linkTargets);
        expect(targets).toHaveLength(names.length);
        for (const [index, name] of names.entries()) {
          await page.goto(targets[index] ?? '');
          await shown[name]?.(page).first().waitFor();
        }
      },
      { expected: /favicon/ }, // the description of a service has none
    ));
});

/** A symbol that is not in the file would have no size. */
const arePainted = `[...document.querySelectorAll('.patterns use')].every((use) => use.getBBox().width > 100)`;

const linkTargets = `[...document.querySelectorAll('.patterns a')].map(({ href }) => href)`;
