import { readClusterSettings, type ClusterSettings } from './cluster-settings.ts';

/**
 * Does the same as `readClusterSettings`, for a cluster that must be named. Throws a one-line error
 * that lists every problem.
 */
export function requiredCluster(
  environment: NodeJS.ProcessEnv,
): ClusterSettings & { readonly bootstrapServers: readonly string[] } {
  const problems: string[] = [];
  const { bootstrapServers, ...cluster } = readClusterSettings(environment, problems);
  if (bootstrapServers === undefined && problems.length === 0)
    problems.push('KAFKA_BOOTSTRAP_SERVERS is missing');
  if (bootstrapServers === undefined || problems.length > 0)
    throw new Error(`wrong settings: ${problems.join('; ')}`);
  return { ...cluster, bootstrapServers };
}
