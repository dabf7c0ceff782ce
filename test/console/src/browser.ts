import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { connectToBrowser } from './chromium.ts';

const screenshots = join(import.meta.dirname, '../../../tmp/console');
const waitMsMax = 20_000;

interface Visit {
  readonly width?: number;
  /** What the browser may report as an error, such as an answer that the test provokes. */
  readonly expected?: RegExp;
}

export interface TestBrowser {
  /**
   * Opens a URL in a browser without cookies, for one test. Rejects if the browser has reported an
   * error, such as an exception of a script, a failed request or a breach of the Content Security
   * Policy. If the test fails, a picture of the page is in `tmp/console`.
   */
  visit(url: string, test: (page: Page) => Promise<void>, options?: Visit): Promise<void>;
}

/** Connects to the project's browser for the tests of a file. */
export function testBrowser(): TestBrowser {
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectToBrowser();
  });
  afterAll(() => browser?.close());
  return {
    async visit(url, test, { width = 1_280, expected } = {}) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
      context.setDefaultTimeout(waitMsMax);
      const page = await context.newPage();
      const errors = errorsOf(page);
      try {
        await page.goto(url);
        await test(page);
      } catch (error) {
        await takePicture(page);
        throw new Error(`${String(error)}\nThe browser reported: ${errors.join('; ') || 'nothing'}`, {
          cause: error,
        });
      } finally {
        await context.close();
      }
      expect(errors.filter((line) => expected?.test(line) !== true)).toEqual([]);
    },
  };
}

function errorsOf(page: Page): readonly string[] {
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(`uncaught: ${message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  return errors;
}

async function takePicture(page: Page): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  const name = (expect.getState().currentTestName ?? 'test').replaceAll(/[^a-zA-Z0-9]+/g, '-');
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true }).catch(() => undefined);
}
