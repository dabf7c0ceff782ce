import { afterAll } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { reach, readSettled, readToEnd, TestMember, uniqueName, type Engine } from '../client.fixture.ts';
import type { TransactionProtocol } from './transaction-wire.ts';
import { connectTransactionalProducer, type TransactionalProducerOptions } from './transactional-producer.ts';
import type { Isolation } from '../fetched-records.ts';
import type { Transaction } from '../transaction-types.ts';

/**
 * Creates producers and readers for one transaction protocol, and closes them after the suite.
 * `topic` returns the topic that they use.
 */
export function transactionBench(
  engine: () => Engine,
  transactionProtocolMax: TransactionProtocol,
  topic: () => string,
) {
  const closes: (() => Promise<void>)[] = [];
  afterAll(() => Promise.all(closes.map((close) => close())));

  const producer = (
    transactionalId = uniqueName('order-processor'),
    options: Partial<TransactionalProducerOptions> = {},
  ) => {
    const place = { ...reach(engine()), clientId: 'transaction-test', logger: silentLogger };
    const connected = connectTransactionalProducer({
      ...place,
      transactionalId,
      transactionProtocolMax,
      unknownTopicTimeoutMs: 500,
      ...options,
    });
    closes.push(() => connected.close());
    return connected;
  };
  const reader = (isolation: Isolation, options: object = {}) => {
    const { consumer } = new TestMember(engine(), 'reader-without-group', [], { isolation, ...options });
    closes.push(() => consumer.close());
    return consumer;
  };
  const seen = (isolation: Isolation) => readToEnd(reader(isolation), topic());
  const committed = (options: object = {}) =>
    readSettled(reader('read_committed', options), reader('read_uncommitted'), topic());
  const send = (to: Transaction, ...values: readonly string[]) =>
    to.send(values.map((value) => ({ topic: topic(), key: null, value, partition: 0 })));

  return { closes, producer, reader, seen, committed, send };
}
