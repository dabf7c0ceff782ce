import { startKafka, type KafkaControl, type KafkaOptions } from './start-kafka.ts';

export interface ProvidedKafka {
  readonly bootstrapServers: readonly string[];
  /**
   * Present only for a node that was started here, since a cluster that others may use is never
   * killed.
   */
  readonly control?: KafkaControl;
  stop(): Promise<void>;
}

/**
 * Returns the cluster that `KAFKA_BOOTSTRAP_SERVERS` names, to use with the client's security
 * settings beside it. Without that, starts one node for the tests.
 */
export async function provideKafka(
  options: KafkaOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ProvidedKafka> {
  const existing = environment.KAFKA_BOOTSTRAP_SERVERS;
  if (existing) return { bootstrapServers: existing.split(','), stop: () => Promise.resolve() };
  return startKafka(options);
}
