import {
  alterPartitionReassignments,
  listPartitionReassignments,
  electLeaders,
} from '../../protocol/apis/cluster.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve, shortened } from '../served-api.ts';

/*
 * The APIs for the placement of replicas, which answer as Apache Kafka does on a single node: the
 * leader is elected, every replica is in its place, and nothing moves.
 */

/** ListPartitionReassignments (KIP-455): there are never any in progress. */
export const listPartitionReassignmentsHandler = () =>
  serve(listPartitionReassignments, () => ({ errorCode: errorCodes.NONE, errorMessage: null, topics: [] }));

/**
 * AlterPartitionReassignments (KIP-455): accepts this node, where the replica already is, and
 * rejects all others.
 */
export const alterPartitionReassignmentsHandler = (services: BrokerServices) =>
  serve(alterPartitionReassignments, ({ topics, allowReplicationFactorChange }) => ({
    allowReplicationFactorChange,
    errorCode: errorCodes.NONE,
    errorMessage: null,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, replicas }) => ({
        partitionIndex,
        ...reassigned({ name, partitionIndex, replicas }, services),
      })),
    })),
  }));

interface Reassignment {
  readonly name: string;
  readonly partitionIndex: number;
  readonly replicas: readonly number[] | null;
}

function reassigned({ name, partitionIndex, replicas }: Reassignment, { logs, nodeId }: BrokerServices) {
  if (logs.partition(name, partitionIndex) === undefined) return noPartition(name, partitionIndex);
  if (replicas === null) return { errorCode: errorCodes.NO_REASSIGNMENT_IN_PROGRESS, errorMessage: null };
  if (replicas.length === 1 && replicas[0] === nodeId)
    return { errorCode: errorCodes.NONE, errorMessage: null };
  const errorMessage =
    `broker ${nodeId} is the only one: this is a single node. For replicas, run Apache Kafka. ` +
    'Millrace runs on it unchanged.';
  return { errorCode: errorCodes.INVALID_REPLICA_ASSIGNMENT, errorMessage };
}

const electionTypes = { preferred: 0, unclean: 1 } as const;

/**
 * ElectLeaders (KIP-460): no partition needs an election. If all partitions are requested, the
 * result is empty, since none was elected.
 */
export const electLeadersHandler = ({ logs }: BrokerServices) =>
  serve(
    electLeaders,
    ({ electionType, topicPartitions }) => {
      if (electionType !== electionTypes.preferred && electionType !== electionTypes.unclean)
        throw new ProtocolError('INVALID_REQUEST', `election type ${electionType} is unknown`);
      const asked = topicPartitions ?? logs.topics().map(({ name }) => ({ topic: name, partitions: [] }));
      const replicaElectionResults = asked.map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({
          partitionId,
          ...elected(topic, partitionId, logs),
        })),
      }));
      return { errorCode: errorCodes.NONE, replicaElectionResults };
    },
    {
      refuse: (errorCode, errorMessage, { topicPartitions }) => ({
        errorCode,
        replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
          topic,
          partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
        })),
      }),
    },
  );

const elected = (topic: string, partition: number, logs: LogManager) =>
  logs.partition(topic, partition) === undefined
    ? noPartition(topic, partition)
    : {
        errorCode: errorCodes.ELECTION_NOT_NEEDED,
        errorMessage: `${topic}-${partition} already has its leader`,
      };

const noPartition = (topic: string, partition: number) => ({
  errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: shortened(`there is no partition ${topic}-${partition}`),
});
