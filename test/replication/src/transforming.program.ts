/**
 * Copies records from topic to topic in transactions until it is killed. The arguments are the
 * brokers, separated by commas, the input and the output. Prints a line once it has partitions.
 */
import { connectTransformer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';

const [servers = '', input = '', output = ''] = process.argv.slice(2);

process.stdin.resume().once('end', () => process.exit());
const transformer = connectTransformer({
  bootstrapServers: servers.split(','),
  clientId: 'copying',
  logger: silentLogger,
  groupId: 'copying',
  transactionalId: 'copying',
  topics: [input],
  member: { sessionTimeoutMs: 6_000, fetchMaxBytesPerPartition: 4_096 },
  transactionTimeoutMs: 15_000,
  transform: (records) =>
    records.map(({ key, value, partition }) => ({
      topic: output,
      partition,
      key: String(key),
      value: String(value),
    })),
});
await transformer.start();
process.stdout.write('copying\n');
