import type { Api } from './api.ts';
import { addOffsetsToTxn } from './apis/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from './apis/add-partitions-to-txn.ts';
import { alterConfigs } from './apis/alter-configs.ts';
import { alterPartitionReassignments } from './apis/alter-partition-reassignments.ts';
import { apiVersions } from './apis/api-versions.ts';
import { createPartitions } from './apis/create-partitions.ts';
import { createTopics } from './apis/create-topics.ts';
import { deleteGroups } from './apis/delete-groups.ts';
import { deleteRecords } from './apis/delete-records.ts';
import { deleteTopics } from './apis/delete-topics.ts';
import { describeClientQuotas } from './apis/describe-client-quotas.ts';
import { describeCluster } from './apis/describe-cluster.ts';
import { describeConfigs } from './apis/describe-configs.ts';
import { describeGroups } from './apis/describe-groups.ts';
import { describeLogDirs } from './apis/describe-log-dirs.ts';
import { describeProducers } from './apis/describe-producers.ts';
import { describeTopicPartitions } from './apis/describe-topic-partitions.ts';
import { describeTransactions } from './apis/describe-transactions.ts';
import { electLeaders } from './apis/elect-leaders.ts';
import { endTxn } from './apis/end-txn.ts';
import { fetch } from './apis/fetch.ts';
import { findCoordinator } from './apis/find-coordinator.ts';
import { heartbeat } from './apis/heartbeat.ts';
import { incrementalAlterConfigs } from './apis/incremental-alter-configs.ts';
import { initProducerId } from './apis/init-producer-id.ts';
import { joinGroup } from './apis/join-group.ts';
import { leaveGroup } from './apis/leave-group.ts';
import { listConfigResources } from './apis/list-config-resources.ts';
import { listGroups } from './apis/list-groups.ts';
import { listOffsets } from './apis/list-offsets.ts';
import { listPartitionReassignments } from './apis/list-partition-reassignments.ts';
import { listTransactions } from './apis/list-transactions.ts';
import { metadata } from './apis/metadata.ts';
import { offsetCommit } from './apis/offset-commit.ts';
import { offsetDelete } from './apis/offset-delete.ts';
import { offsetFetch } from './apis/offset-fetch.ts';
import { offsetForLeaderEpoch } from './apis/offset-for-leader-epoch.ts';
import { produce } from './apis/produce.ts';
import { saslAuthenticate } from './apis/sasl-authenticate.ts';
import { saslHandshake } from './apis/sasl-handshake.ts';
import { syncGroup } from './apis/sync-group.ts';
import { txnOffsetCommit } from './apis/txn-offset-commit.ts';
import { writeTxnMarkers } from './apis/write-txn-markers.ts';

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
