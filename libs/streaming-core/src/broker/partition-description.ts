import type { LogManager } from '../log/types.ts';
import { errorCodes } from '../protocol/errors.ts';
import { nodeId } from './broker-services.ts';

/** A partition as this single node has it: leader, replica and in sync. */
export const describePartition = (topic: string, partitionIndex: number, logs: LogManager) => ({
  errorCode: errorCodes.NONE,
  partitionIndex,
  leaderId: nodeId,
  leaderEpoch: logs.partition(topic, partitionIndex)?.leaderEpoch ?? 0,
  replicaNodes: [nodeId],
  isrNodes: [nodeId],
});
