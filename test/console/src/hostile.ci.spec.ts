import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SagaView } from '@millrace/operations/contract';
import { until } from '@millrace/test-support/stack';
import type { Page } from 'playwright-core';
import { testBrowser } from './browser.ts';
import { cloth, hostile, registerCloth } from './cloth-schemas.ts';
import { operatorOf, sharedConsole } from './console-stack.ts';
import { orderLamp, stockSamples } from './sample-shop.ts';

const browser = testBrowser();
const causeMsMax = 20_000;
let orderId: string;
let correlationId = '';
beforeAll(async () => {
  await registerCloth();
  await stockSamples();
  orderId = await orderLamp();
  const saga = `/ops/sagas/fulfillment/${orderId}`;
  await until('the saga to be there', causeMsMax, async () => {
    const found = await operatorOf('order')
      .get<SagaView>(saga)
      .catch(() => undefined);
    correlationId = found?.body.correlationId ?? '';
    return correlationId !== '';
  });
  const hold = { kind: 'definition', name: 'return' };
  const reason = 'to have an act';
  await operatorOf('order').post('/ops/saga-holds', { body: { ...hold, reason } });
  await operatorOf('order').post('/ops/saga-holds/release', { body: { ...hold, reason } });
});

/** Every page that shows text from elsewhere, and a fact of it to which the hostile text is added. */
const pages: ReadonlyArray<readonly [path: string, what: string]> = [
  ['/', 'notification'],
  ['/sagas?state=all', 'ORDER'],
  ['/sagas/order/fulfillment/ORDER', 'CommandSent'],
  ['/sagas/definitions', 'fulfillment'],
  ['/acts', 'to have an act'],
  ['/topics', 'order-events'],
  ['/topics/order-events', 'OrderCreated'],
  ['/topics/order-events?view=configs', 'CreateTime'],
  ['/groups', 'order'],
  ['/groups/order', 'payment-events'],
  ['/streams?view=find&prefix=order-', 'order-ORDER'],
  ['/streams/order/order-ORDER', 'OrderCreated'],
  ['/projections', 'order_summary'],
  ['/schemas', cloth],
  [`/schemas/${cloth}`, 'BACKWARD'],
  ['/trace/CORRELATION', 'OrderCreated'],
];

/** Lets every text that the page gets from the console end with the hostile one, but for times. */
async function addEverywhere(page: Page): Promise<void> {
  await page.addInitScript((added) => {
    const isTime = /^\d{4}-\d\d-\d\dT/;
    const changed = (value: unknown): unknown => {
      if (typeof value === 'string') return isTime.test(value) ? value : value + added;
      if (Array.isArray(value)) return value.map(changed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, changed(each)]));
    };
    const parse = JSON.parse;
    JSON.parse = (text: string) => changed(parse(text));
    Response.prototype.json = async function (this: Response) {
      return JSON.parse(await this.text()) as unknown;
    };
  }, hostile);
}

describe('a text from elsewhere', () => {
  it('Z44 runs nothing in the console, wherever it is shown', () =>
    browser.visit(sharedConsole(), async (page) => {
      await addEverywhere(page);
      for (const [path, what] of pages) {
        const known = (text: string) => text.replace('ORDER', orderId).replace('CORRELATION', correlationId);
        await page.goto(sharedConsole() + known(path));
        const text = page.getByText(known(what) + hostile);
        await text.first().waitFor({ state: 'attached' });
        expect({ path, title: await page.title() }).not.toEqual({ path, title: 'run' });
        expect({ path, images: await page.locator('img[src=x]').count() }).toEqual({ path, images: 0 });
      }
    }));
});
