import { afterAll, beforeAll, describe } from '@jest/globals';
import { startKafka, type Kafka } from '@millrace/testing/kafka';
import { WireClient } from '../protocol/testing/wire-client.ts';
import { transactionsSuite } from './transactions.suite.ts';

describe('transactions on Apache Kafka', () => {
  let kafka: Kafka;
  const clients: WireClient[] = [];
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await kafka?.stop();
  });
  transactionsSuite(async () => {
    const [host = '', port = ''] = kafka.bootstrapServers[0]!.split(':');
    const client = await WireClient.connect({ host, port: Number(port) });
    clients.push(client);
    return client;
  });
});
