import { Producer } from '@platformatic/kafka';

/** Tries nothing twice: what it is told is what the broker itself says, which a client that tries again hides. */
export function connectSingleTry(bootstrapServers: readonly string[], clientId: string): Producer {
  const producer = new Producer({
    clientId,
    bootstrapBrokers: [...bootstrapServers],
    retries: 0,
    timeout: 3_000,
    connectTimeout: 1_000,
    requestTimeout: 5_000,
    autocreateTopics: false,
  });
  producer.on('error', () => undefined);
  return producer;
}
