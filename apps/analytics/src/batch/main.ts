/** `npm run analytics-batch -- [--from DAY] [--to DAY]` counts what the log has now, as the app does. */
import { parseArgs } from 'node:util';
import { bootstrapServersOf, readConnectionSecurity } from '@millrace/streaming-core/client';
import { runToEnd, type BatchOptions, type ReadOnlyKeyValueStore } from '@millrace/streams';
import type { Figures } from '../domain/figures.ts';
import { summaryOf, topProducts } from '../summary.ts';
import { applicationId, figuresByDay, quantities, topology } from '../topology.ts';

const options = {
  from: { type: 'string', default: '0000' },
  to: { type: 'string', default: '9999' },
} as const;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));

try {
  const { values: range } = parseArgs({ options });
  const brokers = process.env.KAFKA_BOOTSTRAP_SERVERS ?? '127.0.0.1:9092';
  const bootstrapServers = bootstrapServersOf(brokers);
  if (bootstrapServers === undefined)
    throw new Error('KAFKA_BOOTSTRAP_SERVERS must be HOST:PORT, several separated by commas');
  const run: BatchOptions = {
    name: `${applicationId}-batch`,
    bootstrapServers,
    security: readConnectionSecurity(process.env),
    signal: stopping.signal,
    onDeserializationError: 'skip',
    onProgress: (remaining: bigint) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${remaining} offsets to read\u001b[K`);
    },
  };
  const found = await runToEnd(topology(), run, (app) => ({
    ...summaryOf(app.store<ReadOnlyKeyValueStore<string, Figures>>(figuresByDay), range),
    products: topProducts(app.store<ReadOnlyKeyValueStore<string, number>>(quantities), range, 10),
  }));
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
} catch (error) {
  process.stderr.write(`analytics-batch: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
