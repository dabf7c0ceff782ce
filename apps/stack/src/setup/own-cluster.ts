import { logClusterOf, refuseForeignCluster } from '@millrace/streaming-core/consumer';
import type { Logger } from '@millrace/streaming-core/runtime';
import { withDatabase } from './databases.ts';
import { writtenTopics, type LogTarget } from './log.ts';

export interface DataOfBefore {
  /** The URLs of the databases that already exist. */
  readonly databases: readonly string[];
  readonly log: LogTarget;
  readonly clusterId: string;
}

/**
 * Makes sure that databases and log belong together before anything is touched. Throws a one-line
 * error if a database belongs to another cluster, or if all databases are new and the log is not,
 * since the services would take the messages of others for their own.
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
      `the databases are new, but the log already has records (${written.join(', ')}): ` +
        'use the databases that belong to it, or delete these topics',
    );
}
