export { cacheFolderByDefault } from './java-programs.ts';
export { compileJava, type CompileOptions } from './compile-java.ts';
export { installJars, installKafka, kafkaVersion, type InstallOptions, type Jars } from './install-kafka.ts';
export { javaArguments, type JavaCommand } from './java-process.ts';
export { KafkaNode, type KafkaNodeOptions } from './kafka-node.ts';
export {
  brokerNode,
  combinedNode,
  controllerNode,
  propertiesOf,
  withListeners,
  type BrokerAddress,
  type ControllerAddress,
  type ExtraListener,
  type KafkaSettings,
  type NodeAddress,
  newClusterId,
} from './kafka-settings.ts';
