import { Producer } from '@platformatic/kafka';

/**
 * A producer that never retries and so reports the broker's own answer, which a client with retries
 * would hide.
 */
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
