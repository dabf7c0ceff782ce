import type { SqlDatabase } from '../../postgres/index.ts';
import { ConsumerError } from './consumer-error.ts';

const tableExists = `SELECT to_regclass('log_cluster') IS NOT NULL AS found`;
const known = 'SELECT cluster_id FROM log_cluster';
const claim = 'INSERT INTO log_cluster (cluster_id) VALUES ($1) ON CONFLICT (single) DO NOTHING';

type Known = { readonly cluster_id: string };

/**
 * Returns the cluster that the database belongs to, or undefined if it has never been used with
 * one.
 */
export async function logClusterOf(database: SqlDatabase): Promise<string | undefined> {
  const { rows } = await database.query<{ found: boolean }>(tableExists);
  if (rows[0]?.found !== true) return undefined;
  return (await database.query<Known>(known)).rows[0]?.cluster_id;
}

/**
 * Ties the database to the cluster at its first use. Rejects with `foreign_cluster` if the
 * database already belongs to another cluster, because `clusterId` lacks the messages that the
 * database has published, and the stored offsets do not apply to it.
 */
export async function claimLogCluster(database: SqlDatabase, clusterId: string): Promise<void> {
  await database.query(claim, [clusterId]);
  refuseForeignCluster((await database.query<Known>(known)).rows[0]?.cluster_id, clusterId);
}

/**
 * Throws `foreign_cluster` if the offsets of a database belong to another cluster than the one that
 * answers. Without this, a service would continue at offsets that mean other messages there.
 */
export function refuseForeignCluster(
  own: string | undefined,
  clusterId: string,
  database = 'this database',
): void {
  if (own === undefined || own === clusterId) return;
  throw new ConsumerError(
    'foreign_cluster',
    `${database} belongs to cluster ${own}, and the log is cluster ${clusterId}: ` +
      'connect to its own cluster, or begin with empty databases',
  );
}
