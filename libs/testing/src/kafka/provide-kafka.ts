import { startKafka, type KafkaControl, type KafkaOptions } from './start-kafka.ts';

export interface ProvidedKafka {
  readonly bootstrapServers: readonly string[];
  /** Of one that was started here; nobody kills a cluster that others may use. */
  readonly control?: KafkaControl;
  stop(): Promise<void>;
}

/** The cluster that `KAFKA_BOOTSTRAP_SERVERS` names, with the client's security settings beside it; else one node started for the tests. */
export async function provideKafka(
  options: KafkaOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ProvidedKafka> {
  const existing = environment.KAFKA_BOOTSTRAP_SERVERS;
  if (existing) return { bootstrapServers: existing.split(','), stop: () => Promise.resolve() };
  return startKafka(options);
}
