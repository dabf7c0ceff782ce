import type { Locator, Page } from 'playwright-core';

/** Places a sample order on the page of the shop, and waits for the page of the order. */
export async function place(page: Page, scenario: string): Promise<void> {
  await page.getByRole('listitem').filter({ hasText: scenario }).getByRole('button').click();
  await page.waitForURL(/\/shop\/[\da-f-]{36}$/);
}

/** The row of the sequence diagram that a screen reader reads out like this. */
export const row = (page: Page, says: string): Locator => page.getByRole('link', { name: says, exact: true });
