/**
 * The wire protocol, for programs that talk to a broker without a client: conformance tests, fault
 * injection and benchmarks. Services use `./client`.
 */
export type { Api, InOf, OutOf } from './schema.ts';
export { apiVersions, saslAuthenticate, saslHandshake } from './apis/handshake.ts';
export {
  describeClientQuotas,
  describeCluster,
  describeLogDirs,
  findCoordinator,
  alterPartitionReassignments,
  electLeaders,
  listPartitionReassignments,
} from './apis/cluster.ts';
export {
  alterConfigs,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from './apis/configs.ts';
export { fetch } from './apis/fetch.ts';
export {
  deleteGroups,
  describeGroups,
  listGroups,
  offsetDelete,
  heartbeat,
  joinGroup,
  leaveGroup,
  syncGroup,
} from './apis/groups.ts';
export { offsetCommit, offsetFetch, txnOffsetCommit } from './apis/group-offsets.ts';
export { listOffsets, offsetForLeaderEpoch } from './apis/list-offsets.ts';
export { describeTopicPartitions, metadata } from './apis/metadata.ts';
export { produce } from './apis/produce.ts';
export { createPartitions, createTopics, deleteRecords, deleteTopics } from './apis/topic-admin.ts';
export {
  describeProducers,
  describeTransactions,
  listTransactions,
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  writeTxnMarkers,
} from './apis/transactions.ts';
export { errorCodes } from './errors.ts';
export { decodeRequest, decodeResponse, encodeRequest } from './frames/frame.ts';
export { knownApis, servedApis } from './known-apis.ts';
export type { Field, Fields, Shape } from './codec.ts';
export { WireClient } from './testing/wire-client.ts';
