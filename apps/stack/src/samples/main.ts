import { z } from 'zod';
import { requiredCluster } from '../setup/cluster-settings.ts';
import { orAborted } from '../stop-request.ts';
import { runProgram, wholeMilliseconds } from '../program.ts';
import { placeSamples } from '../shop/run-samples.ts';
import { endedAsExpected } from '../shop/sample-orders.ts';
import { renderTable } from '../shop/table.ts';
import { waitUntilReady } from '../shop/api.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http://' });

const settings = {
  ORDER_URL: url.default('http://127.0.0.1:3001'),
  INVENTORY_URL: url.default('http://127.0.0.1:3002'),
  PAYMENT_URL: url.default('http://127.0.0.1:3003'),
  SHIPPING_URL: url.default('http://127.0.0.1:3004'),
  NOTIFICATION_URL: url.default('http://127.0.0.1:3005'),
  SAMPLES_WAIT_MS: wholeMilliseconds.default(120_000),
};

/**
 * Places the sample orders at services that already run, wherever they are. Exits with 0 if every
 * order ended as expected.
 */
await runProgram('samples', settings, async (given, { logger, signal }) => {
  const urls = {
    order: given.ORDER_URL,
    inventory: given.INVENTORY_URL,
    payment: given.PAYMENT_URL,
    shipping: given.SHIPPING_URL,
    notification: given.NOTIFICATION_URL,
  };
  const { bootstrapServers, security } = requiredCluster(process.env);
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  await orAborted(waitUntilReady(urls, { waitMsMax: given.SAMPLES_WAIT_MS, print }), signal);
  const results = await orAborted(
    placeSamples({ urls, bootstrapServers: bootstrapServers.join(','), security }, print, logger),
    signal,
  );
  print(`\n${renderTable(results)}`);
  const wrong = results.filter((result) => !endedAsExpected(result));
  if (wrong.length > 0)
    throw new Error(`${wrong.length} of ${results.length} orders did not end as expected`);
});
