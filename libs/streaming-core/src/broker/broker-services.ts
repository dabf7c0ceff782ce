import type { Logger } from '../runtime/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { GroupCoordinator } from '../coordinators/groups/group-coordinator.ts';
import type { LogManager } from '../log/log-manager.ts';
import type { TransactionCoordinator } from '../coordinators/transactions/transaction-coordinator.ts';
import type { BufferPool } from '../protocol/frames/buffer-pool.ts';
import type { ByteBudget } from './connections/byte-budget.ts';
import type { DynamicBrokerConfigs } from './configs/dynamic-broker-configs.ts';
import type { BrokerLimits } from './limits.ts';
import type { BrokerTraffic } from './broker-statistics.ts';
import type { TransactionalAppends } from './transactional-appends.ts';

export interface BrokerServices {
  /**
   * Id of the only node in this cluster, which is the controller, the leader of every partition and
   * the coordinator of every group (Kafka's node.id).
   */
  readonly nodeId: number;
  readonly logs: LogManager;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly transactionalAppends: TransactionalAppends;
  /** The address that clients use. Its port is known once the broker listens. */
  readonly advertised: { readonly host: string; readonly port: number };
  readonly configs: Pick<DynamicBrokerConfigs, 'current' | 'apply'>;
  readonly autoCreateTopics: boolean;
  /** Kafka's delete.topic.enable. */
  readonly deleteTopics: boolean;
  /** Number of partitions of a topic whose creator does not set one (Kafka's num.partitions). */
  readonly defaultPartitions: number;
  readonly traffic: BrokerTraffic;
  readonly limits: BrokerLimits;
  /** Memory for what is read from logs for a response. */
  readonly buffers: BufferPool;
  /** Bytes of responses that peers have not read yet, over all connections. */
  readonly unsent: ByteBudget;
  readonly clock: Clock;
  readonly logger: Logger;
}
