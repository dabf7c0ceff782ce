import { connectTransformer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTask, told } from './task.ts';

export interface TransformingTask {
  readonly bootstrapServers: string;
  readonly groupId: string;
  readonly transactionalId: string;
  readonly input: string;
  readonly output: string;
}

/**
 * Consumes, transforms and produces from the test's `go` until it is killed. Prints a line once it
 * has its partitions.
 */
const { bootstrapServers, groupId, transactionalId, input, output } = readTask<TransformingTask>();
await told();

const transformer = connectTransformer({
  bootstrapServers: [bootstrapServers],
  clientId: 'transforming',
  logger: silentLogger,
  groupId,
  topics: [input],
  transactionalId,
  // After a kill, the restart is the same member and its partitions wait for it.
  member: {
    groupInstanceId: transactionalId,
    sessionTimeoutMs: 30_000,
    fetchMaxWaitMs: 100,
    fetchMaxBytesPerPartition: 512,
  },
  transform: (records) =>
    records.map(({ key, value }) => ({
      topic: output,
      key: String(key),
      value: String(value).toUpperCase(),
    })),
});
await transformer.start();
process.stdout.write('transforming\n');
