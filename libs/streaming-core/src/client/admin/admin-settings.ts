import type { DurationMs } from '../../runtime/index.ts';
import {
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';

export interface AdminOptions extends ConnectionOptions {
  /**
   * How long an operation is retried while no broker answers or a new topic is not yet writable.
   */
  readonly operationTimeoutMs?: DurationMs;
  /**
   * The number of replicas of each partition of a new topic. The default is 1, because the embedded
   * broker has one node.
   */
  readonly replicationFactor?: number;
  /**
   * The number of replicas that must have a record before it is acknowledged. It is at most the
   * replication factor. The default is 1.
   */
  readonly minInSyncReplicas?: number;
}

export interface AdminSettings extends ConnectionSettings {
  readonly operationTimeoutMs: DurationMs;
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

export const adminSettings = (options: AdminOptions): AdminSettings => ({
  operationTimeoutMs: 15_000,
  replicationFactor: 1,
  minInSyncReplicas: 1,
  ...connectionSettings(options),
});
