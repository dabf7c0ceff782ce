import type { Logger } from '../runtime/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { GroupCoordinator } from '../coordinators/groups/types.ts';
import type { LogManager } from '../log/log-manager-port.ts';
import type { TransactionCoordinator } from '../coordinators/transactions/types.ts';
import type { BufferPool } from '../protocol/frames/buffer-pool.ts';
import type { ByteBudget } from './connections/byte-budget.ts';
import type { DynamicBrokerConfigs } from './configs/dynamic-broker-configs.ts';
import type { BrokerLimits } from './limits.ts';
import type { BrokerTraffic } from './statistics/broker-traffic.ts';
import type { TransactionalAppends } from './transactional-appends.ts';

/** What the handlers work with. */
export interface BrokerServices {
  /** Of the one node of this cluster: controller, leader of every partition, coordinator of every group (Kafka's node.id). */
  readonly nodeId: number;
  readonly logs: LogManager;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly transactionalAppends: TransactionalAppends;
  /** Where clients reach this broker; the port is known once it listens. */
  readonly advertised: { readonly host: string; readonly port: number };
  readonly configs: Pick<DynamicBrokerConfigs, 'current' | 'apply'>;
  readonly autoCreateTopics: boolean;
  /** Kafka's delete.topic.enable. */
  readonly deleteTopics: boolean;
  /** Partitions of a topic whose creator names no number (Kafka's num.partitions). */
  readonly defaultPartitions: number;
  readonly traffic: BrokerTraffic;
  readonly limits: BrokerLimits;
  /** For what is read for an answer. */
  readonly buffers: BufferPool;
  /** Of answers on their way, all connections together. */
  readonly unsent: ByteBudget;
  readonly clock: Clock;
  readonly logger: Logger;
}
