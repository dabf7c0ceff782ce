import { afterAll, beforeAll, describe } from '@jest/globals';
import { startKafkaCluster, type KafkaCluster } from '@millrace/testing/kafka';
import { adminGroupsSuite } from './admin/groups.suite.ts';
import { adminOfSeveralBrokersSuite } from './admin/several-brokers.suite.ts';
import { consumerSuite } from './consumer/consumer.suite.ts';
import { rawLogSuite } from './consumer/raw-log.suite.ts';
import { lagSuite } from './lag/lag.suite.ts';
import { producerSuite } from './producer/producer.suite.ts';
import { transactionSuite } from './transactions/transaction.suite.ts';
import { transformerSuite } from './transactions/transformer.suite.ts';

/**
 * Runs the suites whose requests go to several leaders or coordinators on three brokers, where no
 * broker can answer them all.
 */
describe('on three brokers', () => {
  let cluster: KafkaCluster;

  beforeAll(async () => {
    cluster = await startKafkaCluster();
  }, 180_000);
  afterAll(() => cluster?.stop());

  adminOfSeveralBrokersSuite(() => cluster);
  adminGroupsSuite(() => cluster);
  producerSuite(() => cluster);
  consumerSuite(() => cluster);
  rawLogSuite(() => cluster);
  transactionSuite(() => cluster);
  transformerSuite(() => cluster);
  lagSuite(() => cluster);
});
