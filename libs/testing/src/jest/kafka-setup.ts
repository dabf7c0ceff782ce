import { provideKafka } from '../kafka/index.ts';
import { startProjectServers } from './start-project-servers.ts';

/**
 * Sets up suites that run on Apache Kafka: one node for the project, or the cluster that
 * `KAFKA_BOOTSTRAP_SERVERS` names.
 */
export default (): Promise<void> =>
  startProjectServers(async () => {
    const { bootstrapServers, stop } = await provideKafka();
    return { bootstrapServers: bootstrapServers.join(','), stop };
  });
