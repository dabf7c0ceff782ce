import { brokerFeatures } from './broker-features.ts';
import type { BrokerServices } from './broker-services.ts';
import { alterConfigsHandler, incrementalAlterConfigsHandler } from './handlers/alter-configs.handlers.ts';
import {
  addOffsetsToTxnHandler,
  addPartitionsToTxnHandler,
  endTxnHandler,
} from './handlers/transaction.handlers.ts';
import { apiVersionsHandler } from './handlers/api-versions.handler.ts';
import { createPartitionsHandler } from './handlers/create-partitions.handler.ts';
import { createTopicsHandler } from './handlers/create-topics.handler.ts';
import { deleteRecordsHandler } from './handlers/delete-records.handler.ts';
import { deleteTopicsHandler } from './handlers/delete-topics.handler.ts';
import { describeLogDirsHandler } from './handlers/describe-log-dirs.handler.ts';
import { describeClientQuotasHandler } from './handlers/describe-client-quotas.handler.ts';
import { describeClusterHandler } from './handlers/describe-cluster.handler.ts';
import { describeConfigsHandler } from './handlers/describe-configs.handler.ts';
import {
  describeProducersHandler,
  describeTransactionsHandler,
  listTransactionsHandler,
} from './handlers/describe-transactions.handlers.ts';
import { describeTopicPartitionsHandler } from './handlers/describe-topic-partitions.handler.ts';
import { fetchHandler } from './handlers/fetch.handler.ts';
import { findCoordinatorHandler } from './handlers/find-coordinator.handler.ts';
import { deleteGroupsHandler, offsetDeleteHandler } from './handlers/group-deletion.handlers.ts';
import { describeGroupsHandler, listGroupsHandler } from './handlers/group-listing.handlers.ts';
import { initProducerIdHandler } from './handlers/init-producer-id.handler.ts';
import { listConfigResourcesHandler } from './handlers/list-config-resources.handler.ts';
import { listOffsetsHandler } from './handlers/list-offsets.handler.ts';
import {
  heartbeatHandler,
  joinGroupHandler,
  leaveGroupHandler,
  syncGroupHandler,
} from './handlers/membership.handlers.ts';
import { metadataHandler } from './handlers/metadata.handler.ts';
import { offsetCommitHandler } from './handlers/offset-commit.handler.ts';
import { offsetFetchHandler } from './handlers/offset-fetch.handler.ts';
import { offsetForLeaderEpochHandler } from './handlers/offset-for-leader-epoch.handler.ts';
import { produceHandler } from './handlers/produce.handler.ts';
import {
  alterPartitionReassignmentsHandler,
  electLeadersHandler,
  listPartitionReassignmentsHandler,
} from './handlers/replica-placement.handlers.ts';
import { txnOffsetCommitHandler } from './handlers/txn-offset-commit.handler.ts';
import { writeTxnMarkersHandler } from './handlers/write-txn-markers.handler.ts';
import type { ServedApi } from './served-api.ts';
import { TopicConfigChanges } from './configs/topic-config-changes.ts';

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
  return [...served, apiVersionsHandler(served, brokerFeatures)];
}
