import type { Api } from './schema.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  initProducerId,
  endTxn,
  writeTxnMarkers,
} from './apis/transactions.ts';
import {
  alterConfigs,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from './apis/configs.ts';
import {
  alterPartitionReassignments,
  listPartitionReassignments,
  electLeaders,
} from './apis/replica-placement.ts';
import { apiVersions } from './apis/api-versions.ts';
import { createPartitions, createTopics, deleteTopics, deleteRecords } from './apis/topic-admin.ts';
import { deleteGroups, describeGroups, listGroups, offsetDelete } from './apis/group-admin.ts';
import { describeClientQuotas, describeCluster, findCoordinator, describeLogDirs } from './apis/cluster.ts';
import { describeProducers, describeTransactions, listTransactions } from './apis/transaction-admin.ts';
import { describeTopicPartitions, metadata } from './apis/metadata.ts';
import { fetch } from './apis/fetch.ts';
import { heartbeat, joinGroup, syncGroup, leaveGroup } from './apis/group-members.ts';
import { listOffsets, offsetForLeaderEpoch } from './apis/list-offsets.ts';
import { offsetCommit, offsetFetch, txnOffsetCommit } from './apis/group-offsets.ts';
import { produce } from './apis/produce.ts';
import { saslAuthenticate, saslHandshake } from './apis/sasl.ts';

/** The APIs that the broker serves, by key. Each of them has a handler in `broker/handlers.ts`. */
export const servedApis = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  apiVersions,
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  writeTxnMarkers,
  txnOffsetCommit,
  describeConfigs,
  alterConfigs,
  describeLogDirs,
  createPartitions,
  deleteGroups,
  electLeaders,
  incrementalAlterConfigs,
  alterPartitionReassignments,
  listPartitionReassignments,
  offsetDelete,
  describeClientQuotas,
  describeCluster,
  describeProducers,
  describeTransactions,
  listTransactions,
  listConfigResources,
  describeTopicPartitions,
] as unknown as readonly Api[];

/** Every API with a known layout. Only the client uses those that the broker does not serve. */
export const knownApis = [...servedApis, saslHandshake, saslAuthenticate] as unknown as readonly Api[];
