export { connectAdmin, type Admin, type AdminOptions, type ClusterSummary, type GroupSummary } from './admin.ts';
export { bootstrapServersOf } from './bootstrap-servers.ts';
export { ClientError, type ClientErrorCode } from './client-error.ts';
export type { ConnectionOptions } from './connection.ts';
export { connectGroupConsumer, type GroupConsumerOptions } from './group-consumer.ts';
export { connectLagReader, type LagReader, type LagReaderOptions, type PartitionLag } from './lag-reader.ts';
export { murmur2, partitionOfKey } from './murmur2.ts';
export { roundRobinPartitioner, stickyPartitioner, type Partitioner } from './partitioners.ts';
export { connectProducer, type ProducerOptions } from './producer.ts';
export type { ConnectionSecurity, SaslMechanism } from './security.ts';
export { readConnectionSecurity, SecuritySettingsError, securityVariables } from './security-settings.ts';
export { assignRanges, type GroupMember } from './range-assignor.ts';
export { connectTransactionalProducer, type TransactionalProducerOptions } from './transactional-producer.ts';
export { connectTransformer, type Transformer, type TransformerOptions } from './transformer.ts';
export type { FetchedReport, SentReport } from './traffic-reports.ts';
export type {
  Assignment,
  ConsumedRecord,
  FetchedPartition,
  GroupConsumer,
  GroupListener,
  Isolation,
  OffsetsOwner,
  Producer,
  ProducerRecord,
  RecordMetadata,
  TopicIdentity,
  TopicPartition,
  Transaction,
  TransactionalProducer,
} from './types.ts';
