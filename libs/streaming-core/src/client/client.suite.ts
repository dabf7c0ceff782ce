import { adminSuite } from './admin/admin.suite.ts';
import { adminConfigsSuite } from './admin/configs.suite.ts';
import { adminGroupsSuite } from './admin/groups.suite.ts';
import { adminTopicsSuite } from './admin/topics.suite.ts';
import type { Engine } from './client.fixture.ts';
import { consumerSuite } from './consumer/consumer.suite.ts';
import { consumerGroupSuite } from './consumer/managed/consumer-group.suite.ts';
import { consumerLoopSuite } from './consumer/managed/consumer-loop.suite.ts';
import { pollIntervalSuite } from './consumer/managed/poll-interval.suite.ts';
import { fetchSessionSuite } from './consumer/fetch-session.suite.ts';
import { rawLogSuite } from './consumer/raw-log.suite.ts';
import { groupSuite } from './consumer/group.suite.ts';
import { groupMismatchSuite } from './consumer/group-mismatch.suite.ts';
import { ownAssignorSuite } from './consumer/own-assignor.suite.ts';
import { healingSuite } from './healing.suite.ts';
import { hungBrokerSuite } from './hung-broker.suite.ts';
import { lagSuite } from './lag/lag.suite.ts';
import { operationsSuite } from './operations.suite.ts';
import { producerSuite } from './producer/producer.suite.ts';
import { restartSuite } from './producer/restart.suite.ts';
import { staticMemberSuite } from './consumer/static-member.suite.ts';
import { transactionEndSuite } from './transactions/transaction-end.suite.ts';
import { transactionHealingSuite } from './transactions/transaction-healing.suite.ts';
import { transactionSuite } from './transactions/transaction.suite.ts';
import { transformerSuite } from './transactions/transformer.suite.ts';

/**
 * Tests what the client guarantees on any broker that speaks Kafka's protocol. The tests of outages
 * need an engine with `control`.
 */
export function clientSuite(engine: () => Engine, controlled: boolean): void {
  adminSuite(engine);
  adminTopicsSuite(engine);
  adminConfigsSuite(engine);
  adminGroupsSuite(engine);
  producerSuite(engine);
  consumerSuite(engine);
  fetchSessionSuite(engine);
  rawLogSuite(engine);
  groupSuite(engine);
  ownAssignorSuite(engine);
  staticMemberSuite(engine);
  groupMismatchSuite(engine);
  consumerLoopSuite(engine);
  consumerGroupSuite(engine);
  pollIntervalSuite(engine);
  transactionSuite(engine);
  transactionEndSuite(engine);
  transformerSuite(engine);
  lagSuite(engine);
  operationsSuite(engine);
  hungBrokerSuite(engine);
  if (controlled) healingSuite(engine);
  if (controlled) restartSuite(engine);
  if (controlled) transactionHealingSuite(engine);
}
