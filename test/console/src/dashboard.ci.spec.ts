import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectProducer, type Producer } from '@millrace/streaming-core/client';
import { sharedStack } from '@millrace/test-support/stack';
import { Client } from 'pg';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { tabTo } from './keyboard.ts';

const browser = testBrowser();
const { bootstrapServers, instances, postgresUrl } = sharedStack();

const sql = new Client({ connectionString: `${postgresUrl}/millrace_dashboard` });
let producer: Producer;
beforeAll(async () => {
  producer = connectProducer({ bootstrapServers: [bootstrapServers], clientId: 'dashboard-journey' });
  await sql.connect();
});
afterAll(async () => {
  await producer.close();
  await sql.end();
});

const view = (page_url: string, user_id: string) =>
  producer.send([
    {
      topic: 'page_views',
      key: null,
      value: JSON.stringify({ event_time: new Date().toISOString(), page_url, user_id }),
    },
  ]);

describe('the page of the dashboard', () => {
  it('T29 G29 shows a view without a reload, marks the open minute, and works by keyboard', () =>
    browser.visit(`${instances.dashboard}/`, async (page) => {
      await page.getByText('No views yet').waitFor();
      await view('/home', 'u1');
      const row = page.getByRole('row').filter({ hasText: '/home' }).first();
      await row.waitFor();
      expect(await row.getByRole('cell').allTextContents()).toEqual([
        expect.stringMatching(/^\d\d:\d\d$/),
        '/home',
        '1',
        '1',
        '0',
        'open',
      ]);

      const colours = page.getByRole('button', { name: /^Colours/ });
      await tabTo(page, colours);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Colours: light' }).waitFor();
      await expectAccessible(page);
    }));

  it('T36 says why its figures are old, and still shows them', () =>
    browser.visit(`${instances.dashboard}/`, async (page) => {
      await view('/old', 'u1');
      const row = page.getByRole('row').filter({ hasText: '/old' });
      await row.waitFor();
      const old = page.getByText(/^the database does not answer \(for .*; what you see is from before\)$/);
      await sql.query('ALTER TABLE page_view_minute RENAME TO hidden_minute');
      try {
        await old.waitFor();
        expect(await row.isVisible()).toBe(true);
        await expectAccessible(page);
      } finally {
        await sql.query('ALTER TABLE hidden_minute RENAME TO page_view_minute');
      }
      await old.waitFor({ state: 'detached' });
    }));
});
