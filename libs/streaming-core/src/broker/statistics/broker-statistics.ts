import type { GroupCoordinator } from '../../coordinators/groups/group-coordinator-port.ts';
import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import type { BrokerTraffic, TrafficCounts } from './broker-traffic.ts';

interface PartitionStatistics {
  readonly topic: string;
  readonly partition: number;
  readonly logStartOffset: bigint;
  readonly highWatermark: bigint;
  readonly sizeBytes: number;
}

interface GroupStatistics {
  readonly groupId: string;
  readonly state: string;
  readonly members: number;
  /**
   * The number of records in each partition that the group has not consumed yet, which
   * `kafka-consumer-groups --describe` calls LAG.
   */
  readonly lags: ReadonlyArray<{
    readonly topic: string;
    readonly partition: number;
    readonly committedOffset: bigint;
    readonly lag: bigint;
  }>;
}

/** The state of a broker at one moment. */
export interface BrokerStatistics extends TrafficCounts {
  readonly connections: number;
  readonly partitions: readonly PartitionStatistics[];
  readonly groups: readonly GroupStatistics[];
  /** Why nothing can be written any more. A restart checks the disk. */
  readonly offlineCause: string | undefined;
}

interface Observed {
  readonly logs: LogManager;
  readonly groups: GroupCoordinator;
  readonly traffic: BrokerTraffic;
  readonly connections: () => number;
}

export function readStatistics({ logs, groups, traffic, connections }: Observed): BrokerStatistics {
  return {
    ...traffic.read(),
    connections: connections(),
    partitions: partitionsOf(logs),
    groups: groups.list().map(({ groupId, state }) => groupOf(groupId, state, { logs, groups })),
    offlineCause: logs.offlineCause?.message,
  };
}

const partitionsOf = (logs: LogManager): readonly PartitionStatistics[] =>
  logs.topics().flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => logs.partition(name, partition))
      .filter((log) => log !== undefined)
      .map(({ topic, partition, logStartOffset, highWatermark, sizeBytes }: PartitionLog) => ({
        topic,
        partition,
        logStartOffset,
        highWatermark,
        sizeBytes,
      })),
  );

function groupOf(
  groupId: string,
  state: string,
  { logs, groups }: Pick<Observed, 'logs' | 'groups'>,
): GroupStatistics {
  const lags = groups.fetchOffsets(groupId, null).flatMap(({ topic, partition, offset }) => {
    const end = logs.partition(topic, partition)?.highWatermark;
    if (end === undefined) return [];
    return [{ topic, partition, committedOffset: offset, lag: end > offset ? end - offset : 0n }];
  });
  return { groupId, state, members: groups.describe(groupId).members.length, lags };
}
