export { connectAdmin, type Admin, type AdminOptions, type ClusterSummary } from './admin.ts';
export type { GroupSummary } from './admin-requests.ts';
export { bootstrapServersOf } from './connection/bootstrap-servers.ts';
export { ClientError, type ClientErrorCode } from './client-error.ts';
export type { ConnectionOptions } from './connection/connection-settings.ts';
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
export type { PartitionOffset } from './consumer/log-reader.ts';
export { murmur2, partitionOfKey } from './producer/murmur2.ts';
export { roundRobinPartitioner, stickyPartitioner, type Partitioner } from './producer/partitioners.ts';
export { connectProducer, type ProducerOptions } from './producer/producer.ts';
export type { ConnectionSecurity, SaslMechanism } from './connection/security.ts';
export {
  readConnectionSecurity,
  SecuritySettingsError,
  securitySettings,
  securityVariables,
} from './connection/security-settings.ts';
export { connectLogReader, type LogReaderOptions, type OpenLogReader } from './consumer/open-log-reader.ts';
export type { OffsetForTime, PartitionTime } from './consumer/timed-offsets.ts';
export type { Assignor, GroupMember, MemberAssignment, RebalanceProtocol } from './consumer/assignor.ts';
export { cooperativeStickyAssignor } from './consumer/cooperative-sticky-assignor.ts';
export { assignRanges, rangeAssignor } from './consumer/range-assignor.ts';
export { roundRobinAssignor } from './consumer/round-robin-assignor.ts';
export {
  connectTransactionalProducer,
  type TransactionalProducerOptions,
} from './transactions/transactional-producer.ts';
export { connectTransformer, type Transformer, type TransformerOptions } from './transactions/transformer.ts';
export type { FetchedReport, SentReport } from './traffic-reports.ts';
export type {
  Assignment,
  CommittedOffset,
  ConsumedRecord,
  FetchedPartition,
  FetchedRecord,
  FetchPosition,
  GroupConsumer,
  GroupListener,
  Isolation,
  OffsetsOwner,
  OffsetToCommit,
  Producer,
  ProducerRecord,
  RecordHeader,
  RecordMetadata,
  TopicIdentity,
  TopicPartition,
  Transaction,
  TransactionalProducer,
} from './types.ts';
