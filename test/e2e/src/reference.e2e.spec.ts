import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { commonCodes, tableOf } from '@millrace/test-support/routes';
import { openShop, query, StoryTeller } from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';
import { operatorsPage, servedRoutes } from './operators-page.ts';
import { recordsOf, withoutChance } from './recorded-order.ts';

const workspace = join(import.meta.dirname, '../../..');
const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

/** Returns the text of a file. Writes the wanted text first if `npm run reference` runs. */
function textOf(path: string, wanted: string): string {
  if (process.env.MILLRACE_WRITE_REFERENCE === '1') writeFileSync(join(workspace, path), wanted);
  return readFileSync(join(workspace, path), 'utf8');
}

describe('the reference', () => {
  it('R40 shows an event, a command, its reply and a stored event as a running system has them', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const order = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
    await order.endsAs('completed');

    const records = await recordsOf(stack.bootstrapServers, order.orderId, {
      'order-events': 'OrderCreated',
      'payment-commands': 'ProcessPayment',
      'payment-events': 'PaymentProcessed',
    });
    const [row] = await query(
      stack,
      'order',
      'SELECT to_jsonb(event) AS event FROM event WHERE stream = $1 ORDER BY version LIMIT 1',
      [`order-${order.orderId}`],
    );
    const event: unknown = typeof row?.event === 'string' ? JSON.parse(row.event) : row?.event;
    const recorded = withoutChance({ records, event }, shop.sku(''));

    const text = textOf('test/reference/recorded/order.json', `${JSON.stringify(recorded, null, 2)}\n`);
    expect(recorded).toEqual(JSON.parse(text));
  });

  it('R40 lists the routes of the operator API', async () => {
    const { urls, operators = {} } = stack;
    const services = Object.keys(urls).map((service) => [service, operators[service] ?? '']);
    const wanted = await operatorsPage(Object.fromEntries(services) as Record<string, string>);
    expect(textOf('docs/reference/operator-api.md', wanted)).toBe(wanted);
  });

  it('R40 has on the page of routes what the running services and the console serve', async () => {
    const page = readFileSync(join(workspace, 'docs/reference/routes.md'), 'utf8');
    const served = await Promise.all(Object.values(stack.urls).map(servedRoutes));
    const common = commonCodes(served.flat());
    for (const routes of served) expect(page).toContain(tableOf(routes, common));
    const ofConsole = await servedRoutes(stack.consoleUrl ?? '');
    expect(page).toContain(tableOf(ofConsole, commonCodes(ofConsole)));
  });
});
