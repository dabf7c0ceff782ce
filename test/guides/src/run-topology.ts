import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectStreams, type Topology } from '@millrace/streams';

/**
 * Runs a topology exactly once and without a cache until it is disposed, which deletes its state
 * folder. It is an application of its own unless it has an id.
 */
export async function runTopology(
  topology: Topology,
  bootstrapServers: string,
  applicationId = `guides-${randomUUID()}`,
): Promise<AsyncDisposable> {
  const stateDir = await mkdtemp(join(tmpdir(), 'millrace-guides-'));
  const app = connectStreams(topology, {
    applicationId,
    bootstrapServers: [bootstrapServers],
    stateDir,
    guarantee: 'exactly_once_v2',
    commitIntervalMs: 50,
    cacheBytesMax: 0,
  });
  await app.start();
  return {
    async [Symbol.asyncDispose]() {
      await app.close();
      await rm(stateDir, { recursive: true });
    },
  };
}
