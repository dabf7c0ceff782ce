export type {
  Assignment,
  ConsumedRecord,
  FetchedPartition,
  GroupConsumer,
  GroupListener,
  Producer,
  ProducerRecord,
  RecordMetadata,
  TopicIdentity,
  TopicPartition,
} from './types.ts';
