import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { expectAccessible } from './accessibility.ts';
import { testBrowser } from './browser.ts';
import { cloth, registerCloth } from './cloth-schemas.ts';
import { sharedConsole } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const address = sharedConsole();
let orderId: string;
beforeAll(async () => {
  await registerCloth();
  await stockSamples();
  orderId = await orderLamp();
});

/** Each page with something that it shows once its data has come. */
const pages: ReadonlyArray<readonly [path: string, shows: RegExp]> = [
  ['/', /Every process is ready/],
  ['/shop', /All goes well/],
  ['/shop/ORDER', /What happens inside/],
  ['/sagas?state=all', /the oldest first/],
  ['/sagas/order/fulfillment/ORDER', /SagaStarted/],
  ['/sagas/definitions', /fulfillment/],
  ['/sagas/definitions/order/fulfillment', /Point of no return/],
  ['/dead-letters', /No message waits for a decision/],
  ['/parked-keys', /No key is parked|No message/],
  ['/trace', /Trace/],
  ['/topics', /order-events/],
  ['/topics/order-events', /OrderCreated/],
  ['/groups', /inventory/],
  ['/streams', /events came/],
  ['/streams?view=find&prefix=order-', /in the order of their names/],
  ['/streams/order/order-ORDER', /OrderCreated/],
  ['/projections', /order_summary/],
  ['/applications', /analytics/],
  ['/applications/analytics?store=orders', /Look into a store/],
  ['/connectors', /There is no connector/],
  ['/schemas', new RegExp(cloth)],
  ['/schemas?name=none', /There is no subject/],
  [`/schemas/${cloth}`, /What it has changed/],
  ['/charts', /order-events/],
  ['/patterns', /compensating saga/],
  ['/acts', /the newest first|No operator has acted/],
  ['/runbook', /dead letters/],
  ['/runbook/MillraceDeadLetters', /Messages became dead letters/],
];

/** The paths of pictures in the documents, with the window that shows them best. */
const pictures = {
  overview: { path: '/', shows: /messages flow on .*order-events/, height: 860 },
  order: { path: '/shop/ORDER', shows: /NotificationSent/, height: 1_000 },
} as const;
const pictureFolder = join(import.meta.dirname, '../../../docs/pictures');
const pictureBytesMax = 150_000;

describe('every page of the console', () => {
  it.each(pages)('Z46 %s is accessible, and fits a telephone', (path, shows) =>
    browser.visit(address + path.replace('ORDER', orderId), async (page) => {
      await page.getByText(shows).first().waitFor();
      await expectAccessible(page);
      await page.setViewportSize({ width: 390, height: 800 });
      await page.waitForFunction(fits); // drawings take the new width in the next frame
    }),
  );

  it('says so at an address without a page', () =>
    browser.visit(`${address}/no/such/page`, async (page) => {
      await page.getByText('There is no such page').waitFor();
    }));
});

const fits = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth';

describe('the pictures in the documents', () => {
  it.each(Object.entries(pictures))('%s can be taken from a running stack', (name, { path, shows, height }) =>
    browser.visit(address, async (page) => {
      await page.setViewportSize({ width: 1_280, height });
      const placed = await orderLamp();
      await page.goto(address + path.replace('ORDER', placed));
      const said = page.getByRole('img', { name: shows }).or(page.getByRole('link', { name: shows }));
      await said.first().waitFor();
      const file = join(pictureFolder, `${name}.png`);
      mkdirSync(pictureFolder, { recursive: true });
      const taken = await page.screenshot(process.env.MILLRACE_WRITE_PICTURES === '1' ? { path: file } : {});
      expect(taken.length).toBeLessThanOrEqual(pictureBytesMax);
    }),
  );

  it('are those that this suite takes, each of at most 150 KB', () => {
    const found = readdirSync(pictureFolder);
    expect(found.sort()).toEqual(
      Object.keys(pictures)
        .map((name) => `${name}.png`)
        .sort(),
    );
    for (const name of found)
      expect(statSync(join(pictureFolder, name)).size).toBeLessThanOrEqual(pictureBytesMax);
  });
});
