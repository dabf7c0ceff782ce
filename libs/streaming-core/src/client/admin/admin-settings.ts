import { z } from 'zod';
import type { DurationMs } from '../../runtime/index.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';
import { checkedOptions, optionsOf, span, wholeNumber, type OptionSchemas } from '../connection/options.ts';

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

const int16Max = 2 ** 15 - 1;

const replicas = z.union(
  [z.literal(-1), wholeNumber(1, int16Max)],
  `a whole number from 1 to ${int16Max}, or -1 for the default of the cluster`,
);

const adminOptions = optionsOf({
  ...connectionSchemas,
  operationTimeoutMs: span.optional(),
  replicationFactor: replicas.optional(),
  minInSyncReplicas: wholeNumber(1, int16Max).optional(),
} satisfies OptionSchemas<AdminOptions>);

export const adminSettings = (options: AdminOptions): AdminSettings => ({
  operationTimeoutMs: 15_000,
  replicationFactor: 1,
  minInSyncReplicas: 1,
  ...connectionSettings(checkedOptions(adminOptions, options)),
});
