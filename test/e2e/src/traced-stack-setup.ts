import { query } from '@millrace/test-support/shop';
import { serviceNames, sharedSettings, sharedStack, shareStack, until } from '@millrace/test-support/stack';

/**
 * Starts the stack of all these tests. It traces only what begins with a `TestTrace`. With `RELAY=cdc`,
 * connectors publish the outboxes, and the tests begin once they do.
 */
export default async function setUpTracedStack(): Promise<void> {
  const byConnectors = process.env.RELAY === 'cdc';
  await shareStack(
    { ...sharedSettings, OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
    { trace: true, apps: byConnectors ? ['connect'] : [] },
  );
  if (byConnectors) await until('the connectors to publish', handOverMsMax, everyOutboxIsHandedOver);
}

const handOverMsMax = 120_000;

async function everyOutboxIsHandedOver(): Promise<boolean> {
  const cursors = await Promise.all(
    serviceNames.map((service) =>
      query(sharedStack(), service, `SELECT FROM relay_cursor WHERE delivery = 'connector'`),
    ),
  );
  return cursors.every((rows) => rows.length === 1);
}
