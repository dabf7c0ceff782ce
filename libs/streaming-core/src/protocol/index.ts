/**
 * The wire protocol, for programs that talk to a broker without a client: conformance tests, fault
 * injection and benchmarks. Services use `./client`.
 */
export type { Api } from './schema.ts';
export { apiVersions } from './apis/api-versions.ts';
export { describeClientQuotas, describeCluster, describeLogDirs, findCoordinator } from './apis/cluster.ts';
export {
  alterConfigs,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from './apis/configs.ts';
export { fetch } from './apis/fetch.ts';
export { deleteGroups, describeGroups, listGroups, offsetDelete } from './apis/group-admin.ts';
export { heartbeat, joinGroup, leaveGroup, syncGroup } from './apis/group-members.ts';
export { offsetCommit, offsetFetch, txnOffsetCommit } from './apis/group-offsets.ts';
export { listOffsets, offsetForLeaderEpoch } from './apis/list-offsets.ts';
export { describeTopicPartitions, metadata } from './apis/metadata.ts';
export { produce } from './apis/produce.ts';
export {
  alterPartitionReassignments,
  electLeaders,
  listPartitionReassignments,
} from './apis/replica-placement.ts';
export { saslAuthenticate, saslHandshake } from './apis/sasl.ts';
export { createPartitions, createTopics, deleteRecords, deleteTopics } from './apis/topic-admin.ts';
export { describeProducers, describeTransactions, listTransactions } from './apis/transaction-admin.ts';
export {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  writeTxnMarkers,
} from './apis/transactions.ts';
export { errorCodes } from './errors.ts';
export { decodeRequest, decodeResponse, encodeRequest } from './frames/frame.ts';
export { knownApis, servedApis } from './known-apis.ts';
export type { InOf, OutOf } from './schema.ts';
export type { Field, Fields, Shape } from './codec.ts';
export { WireClient } from './testing/wire-client.ts';
