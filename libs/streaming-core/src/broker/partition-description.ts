import { errorCodes } from '../protocol/errors.ts';
import type { BrokerServices } from './broker-services.ts';

/** A partition on this single node, which is its leader and its only in-sync replica. */
export const describePartition = (
  topic: string,
  partitionIndex: number,
  { logs, nodeId }: BrokerServices,
) => ({
  errorCode: errorCodes.NONE,
  partitionIndex,
  leaderId: nodeId,
  leaderEpoch: logs.partition(topic, partitionIndex)?.leaderEpoch ?? 0,
  replicaNodes: [nodeId],
  isrNodes: [nodeId],
});
