import { logClusterOf, refuseForeignCluster } from '@millrace/streaming-core/consumer';
import type { Logger } from '@millrace/streaming-core/runtime';
import { withDatabase } from './databases.ts';
import { writtenTopics, type LogTarget } from './log.ts';

export interface DataOfBefore {
  /** The URLs of those that are there already. */
  readonly databases: readonly string[];
  readonly log: LogTarget;
  readonly clusterId: string;
}

/**
 * Databases and log go together, or nothing is touched: throws one line where a database goes with another cluster, and where all databases are
 * new and the log is not, since services would take the messages of others for their own.
 */
export async function refuseForeignData(
  { databases, log, clusterId }: DataOfBefore,
  logger: Logger,
): Promise<void> {
  for (const url of databases) {
    const own = await withDatabase(url, logClusterOf);
    refuseForeignCluster(own, clusterId, `database ${new URL(url).pathname.slice(1)}`);
  }
  const written = databases.length === 0 ? await writtenTopics(log, logger) : [];
  if (written.length > 0)
    throw new Error(
      `the databases are new, and the log has records already (${written.join(', ')}): use the databases that belong to it, or delete these topics`,
    );
}
