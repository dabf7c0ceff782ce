import type { Locator, Page } from 'playwright-core';

const tabsMax = 100;

/** Moves the focus to an element with the key Tab. Rejects if the key does not lead to it. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let tabs = 0; tabs < tabsMax; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await isFocused(target)) return;
  }
  throw new Error(`${tabsMax} times Tab do not lead to ${String(target)}`);
}

export const isFocused = (target: Locator): Promise<boolean> =>
  target.evaluate((element) => element === document.activeElement);
