export { freeBasePort, freePorts } from './free-ports.ts';
export { kafkaMessageSchemas, type KafkaField, type KafkaMessageSchema } from './kafka-message-schemas.ts';
export { kafkaTool } from './kafka-tool.ts';
export { provideKafka, type ProvidedKafka } from './provide-kafka.ts';
export { startKafkaConnect, type KafkaConnect, type KafkaConnectOptions } from './start-kafka-connect.ts';
export { startKafka, type Kafka, type KafkaControl, type KafkaOptions } from './start-kafka.ts';
export { startSecuredKafka, type SecuredKafka, type SecuredListener } from './start-secured-kafka.ts';
export {
  startKafkaCluster,
  type KafkaBroker,
  type KafkaCluster,
  type KafkaClusterOptions,
  type NodePlace,
} from './start-kafka-cluster.ts';
