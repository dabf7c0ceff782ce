import {
  bootstrapServersOf,
  readConnectionSecurity,
  SecuritySettingsError,
  type ConnectionSecurity,
} from '@millrace/streaming-core/client';
import type { TopicCopies } from './log.ts';

/** How to reach the log, and how many copies of a record it keeps. */
export interface ClusterSettings {
  /** The servers of an existing cluster. */
  readonly bootstrapServers?: readonly string[];
  readonly security: ConnectionSecurity;
  readonly copies: Partial<TopicCopies>;
}

type Given = (name: string) => string | undefined;

/**
 * Reads `KAFKA_BOOTSTRAP_SERVERS`, the standard client's `KAFKA_SECURITY_PROTOCOL` and so on,
 * `KAFKA_REPLICATION_FACTOR` and `KAFKA_MIN_INSYNC_REPLICAS`. Adds what is wrong to `problems`.
 */
export function readClusterSettings(environment: NodeJS.ProcessEnv, problems: string[]): ClusterSettings {
  const given: Given = (name) => environment[name]?.trim() || undefined;
  const text = given('KAFKA_BOOTSTRAP_SERVERS');
  const bootstrapServers = text === undefined ? undefined : bootstrapServersOf(text);
  if (text !== undefined && bootstrapServers === undefined)
    problems.push(`KAFKA_BOOTSTRAP_SERVERS=${text} must be HOST:PORT, several separated by commas`);
  return { bootstrapServers, security: securityOf(environment, problems), copies: copiesOf(given, problems) };
}

function securityOf(environment: NodeJS.ProcessEnv, problems: string[]): ConnectionSecurity {
  try {
    return readConnectionSecurity(environment);
  } catch (error) {
    if (!(error instanceof SecuritySettingsError)) throw error;
    problems.push(...error.problems);
    return {};
  }
}

function copiesOf(given: Given, problems: string[]): Partial<TopicCopies> {
  const number = (name: string): number | undefined => {
    const text = given(name);
    if (text === undefined || /^[1-9]\d?$/.test(text)) return text === undefined ? undefined : Number(text);
    problems.push(`${name}=${text} must be a whole number from 1 to 99`);
  };
  const replicationFactor = number('KAFKA_REPLICATION_FACTOR');
  const minInSyncReplicas = number('KAFKA_MIN_INSYNC_REPLICAS');
  if (minInSyncReplicas !== undefined && minInSyncReplicas > (replicationFactor ?? minInSyncReplicas))
    problems.push(
      `KAFKA_MIN_INSYNC_REPLICAS=${minInSyncReplicas} is more than ` +
        `KAFKA_REPLICATION_FACTOR=${replicationFactor}: nothing could be written`,
    );
  return { ...(replicationFactor && { replicationFactor }), ...(minInSyncReplicas && { minInSyncReplicas }) };
}

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
