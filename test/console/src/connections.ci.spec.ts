import { get } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { sharedConsole } from './console-stack.ts';

const browser = testBrowser();
const answerMsMax = 20_000;
const givenUp = 150;

/** Opens a live answer and gives it up after so many milliseconds. */
async function openAndLeave(path: string, afterMs: number): Promise<void> {
  const request = get(`${sharedConsole()}${path}`);
  request.on('error', () => undefined); // it was given up
  await pause(afterMs);
  request.destroy();
}

/** Resolves once a live answer has its snapshot. */
const snapshotOf = (path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    const request = get(`${sharedConsole()}${path}`, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (!text.includes('event: snapshot')) return;
        resolve();
        request.destroy();
      });
      answer.on('end', () => reject(new Error(`${path} ended with ${answer.statusCode}: ${text}`)));
    });
    request.setTimeout(answerMsMax, () => request.destroy(new Error(`${path} sends no snapshot: ${text}`)));
    request.on('error', reject);
  });

describe('live answers', () => {
  it('go on after many pages that were left before they had an answer', async () => {
    for (let count = 0; count < givenUp; count += 10)
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          openAndLeave(`/api/sagas/live?step=${index % 3}`, (count + index) % 17),
        ),
      );
    for (const path of ['/api/sagas/live?step=1', '/api/sagas/live', '/api/overview/live'])
      await snapshotOf(path);
  });
});

/** Tells a page what the browser tells it when another tab comes to the front. */
const hide = (tab: Page): Promise<void> =>
  tab.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });

describe('tabs of the console', () => {
  /** Each holds three of the six connections that a browser opens to a host. */
  const tabs = 5;

  it('hold no connection while they are hidden, so that any number can be open', () =>
    browser.visit('about:blank', async (page) => {
      for (let opened = 0; opened < tabs; opened += 1) {
        const tab = await page.context().newPage();
        await tab.goto(`${sharedConsole()}/dead-letters`);
        await tab.getByText(/No message waits for a decision|open; choose a kind/).waitFor();
        await hide(tab);
      }
    }));
});
