import {
  apiVersionsHandler,
  describeLogDirsHandler,
  describeClusterHandler,
  findCoordinatorHandler,
  describeClientQuotasHandler,
} from './handlers/cluster.handlers.ts';
import type { BrokerServices } from './broker-services.ts';
import { alterConfigsHandler, incrementalAlterConfigsHandler } from './handlers/alter-configs.handlers.ts';
import {
  addOffsetsToTxnHandler,
  addPartitionsToTxnHandler,
  endTxnHandler,
  writeTxnMarkersHandler,
  initProducerIdHandler,
} from './handlers/transaction.handlers.ts';
import {
  createPartitionsHandler,
  createTopicsHandler,
  deleteTopicsHandler,
} from './handlers/topic-admin.handlers.ts';
import {
  deleteRecordsHandler,
  listOffsetsHandler,
  offsetForLeaderEpochHandler,
} from './handlers/partition-offsets.handlers.ts';
import { describeConfigsHandler, listConfigResourcesHandler } from './handlers/describe-configs.handlers.ts';
import {
  describeProducersHandler,
  describeTransactionsHandler,
  listTransactionsHandler,
} from './handlers/describe-transactions.handlers.ts';
import { describeTopicPartitionsHandler, metadataHandler } from './handlers/metadata.handlers.ts';
import { fetchHandler } from './handlers/fetch.handler.ts';
import {
  deleteGroupsHandler,
  offsetDeleteHandler,
  describeGroupsHandler,
  listGroupsHandler,
  heartbeatHandler,
  joinGroupHandler,
  leaveGroupHandler,
  syncGroupHandler,
} from './handlers/group.handlers.ts';
import { offsetCommitHandler, txnOffsetCommitHandler } from './handlers/offset-commit.handlers.ts';
import { offsetFetchHandler } from './handlers/offset-fetch.handler.ts';
import { produceHandler } from './handlers/produce.handler.ts';
import {
  alterPartitionReassignmentsHandler,
  electLeadersHandler,
  listPartitionReassignmentsHandler,
} from './handlers/replica-placement.handlers.ts';
import type { ServedApi } from './served-api.ts';
import { TopicConfigChanges } from './configs/topic-configs.ts';

/** Every API that this broker serves, which is exactly what ApiVersions announces. */
export function handlers(services: BrokerServices): readonly ServedApi[] {
  const configChanges = new TopicConfigChanges(services);
  const served: readonly ServedApi[] = [
    produceHandler(services),
    fetchHandler(services),
    listOffsetsHandler(services),
    metadataHandler(services),
    offsetCommitHandler(services),
    offsetFetchHandler(services),
    findCoordinatorHandler(services),
    joinGroupHandler(services),
    heartbeatHandler(services),
    leaveGroupHandler(services),
    syncGroupHandler(services),
    describeGroupsHandler(services),
    listGroupsHandler(services),
    deleteGroupsHandler(services),
    offsetDeleteHandler(services),
    createTopicsHandler(services),
    deleteTopicsHandler(services),
    createPartitionsHandler(services),
    deleteRecordsHandler(services),
    describeLogDirsHandler(services),
    offsetForLeaderEpochHandler(services),
    initProducerIdHandler(services),
    describeConfigsHandler(services),
    alterConfigsHandler(services, configChanges),
    incrementalAlterConfigsHandler(services, configChanges),
    addPartitionsToTxnHandler(services),
    addOffsetsToTxnHandler(services),
    endTxnHandler(services),
    txnOffsetCommitHandler(services),
    writeTxnMarkersHandler(services),
    describeProducersHandler(services),
    describeTransactionsHandler(services),
    listTransactionsHandler(services),
    describeClusterHandler(services),
    describeTopicPartitionsHandler(services),
    listPartitionReassignmentsHandler(),
    alterPartitionReassignmentsHandler(services),
    electLeadersHandler(services),
    describeClientQuotasHandler(),
    listConfigResourcesHandler(services),
  ];
  return [...served, apiVersionsHandler(served)];
}
