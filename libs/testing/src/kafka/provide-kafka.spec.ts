import { describe, expect, it } from '@jest/globals';
import { provideKafka } from './provide-kafka.ts';

describe('the Kafka of the tests', () => {
  it('is the cluster that the environment names, which the tests neither start nor kill nor stop', async () => {
    const kafka = await provideKafka({}, { KAFKA_BOOTSTRAP_SERVERS: 'one:9092,two:9092' });
    expect(kafka.bootstrapServers).toEqual(['one:9092', 'two:9092']);
    expect(kafka.control).toBeUndefined();
    await kafka.stop();
  });
});
