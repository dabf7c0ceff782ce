export { connectAdmin, type Admin, type ClusterSummary } from './admin/admin.ts';
export type { AdminOptions } from './admin/admin-calls.ts';
export type {
  ConfigAdmin,
  ConfigAlteration,
  ConfigChange,
  ConfigEntry,
  ConfigResource,
  ConfigSource,
} from './admin/config-admin.ts';
export type { GroupAdmin, GroupSummary } from './admin/group-admin.ts';
export type { GroupDescription, MemberDescription } from './admin/group-description.ts';
export type { GroupOffsetAdmin, GroupOffsetsQuery } from './admin/group-offset-admin.ts';
export { ItemsFailed } from './admin/items-of-call.ts';
export type { LogDir, LogDirAdmin, LogDirOptions, LogSize } from './admin/log-dir-admin.ts';
export type { OffsetReset } from './admin/offset-reset.ts';
export type { OffsetChange, ResetOptions } from './admin/offset-reset-call.ts';
export type { LogStart, RecordAdmin } from './admin/record-admin.ts';
export type { TopicAdmin } from './admin/topic-admin.ts';
export type { CreatedTopic, NewTopic } from './admin/topic-creation.ts';
export type { PartitionDescription, TopicDescription } from './admin/topic-description.ts';
export { bootstrapServersOf } from './connection/broker-address.ts';
export { ClientError, isRetriableError } from './errors/client-error.ts';
export type { ConnectionOptions } from './connection/connection-settings.ts';
export type { ClientErrorCode, ClientErrorKind } from './errors/error-catalogue.ts';
export {
  connectGroupOffsets,
  type GroupOffsets,
  type GroupOffsetsOptions,
} from './consumer/group-offsets.ts';
export { connectGroupConsumer, type GroupConsumerOptions } from './consumer/group-consumer.ts';
export { connectConsumer } from './consumer/managed/consumer.ts';
export type { AutoCommit, ConsumerListener, ConsumerOptions } from './consumer/managed/consumer-settings.ts';
export type { ConsumedBatch, Consumer } from './consumer/managed/consumer-types.ts';
export {
  connectLagReader,
  type LagReader,
  type LagReaderOptions,
  type PartitionLag,
} from './lag/lag-reader.ts';
export type { PartitionOffset } from './consumer/offset-lookup.ts';
export {
  murmur2,
  partitionOfKey,
  roundRobinPartitioner,
  stickyPartitioner,
  type Partitioner,
} from './producer/partitioners.ts';
export { connectProducer } from './producer/producer.ts';
export {
  exactlyOnce,
  producerPresets,
  topicPresets,
  type ProducerOptions,
  type SendingOptions,
} from './producer/producer-settings.ts';
export type { ConnectionSecurity, SaslMechanism } from './connection/security.ts';
export {
  readConnectionSecurity,
  SecuritySettingsError,
  securitySettings,
  securityVariables,
} from './connection/security-settings.ts';
export { connectLogReader, type LogReaderOptions, type OpenLogReader } from './consumer/open-log-reader.ts';
export type {
  RawBatch,
  RawControlBatch,
  RawDataBatch,
  RawPartition,
  TransactionState,
} from './consumer/raw-log-reader.ts';
export type {
  Assignor,
  GroupAssignment,
  GroupMember,
  MemberAssignment,
  RebalanceProtocol,
} from './consumer/assignor.ts';
export { cooperativeStickyAssignor } from './consumer/cooperative-sticky-assignor.ts';
export { rangeAssignor } from './consumer/range-assignor.ts';
export {
  connectTransactionalProducer,
  type TransactionalProducerOptions,
} from './transactions/transactional-producer.ts';
export { connectTransformer, type Transformer, type TransformerOptions } from './transactions/transformer.ts';
export type {
  CommitOperation,
  PollOperation,
  ProcessOperation,
  SendingRecord,
  SendOperation,
} from './operation-reports.ts';
export type { FetchedReport, SentReport } from './traffic-reports.ts';
export type {
  ConsumedRecord,
  FetchedPartition,
  FetchedRecord,
  FetchPosition,
  Isolation,
  RecordHeader,
  UndecodedPartition,
  UndecodedRecords,
} from './fetched-records.ts';
export type { Assignment, GroupConsumer, GroupListener } from './group-consumer-types.ts';
export type {
  BatchingProducer,
  DeliveryCallback,
  Producer,
  ProducerHeader,
  ProducerHeaders,
  ProducerRecord,
  RecordMetadata,
  SendOptions,
} from './producer-types.ts';
export type {
  CommittedOffset,
  OffsetToCommit,
  TopicIdentity,
  TopicPartition,
  OffsetForTime,
  PartitionTime,
} from './topic-partition.ts';
export type { OffsetsOwner, Transaction, TransactionalProducer } from './transaction-types.ts';
