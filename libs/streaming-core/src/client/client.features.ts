import { adminFeatures } from './admin.features.ts';
import type { Engine } from './client-bench.features.ts';
import { consumerFeatures } from './consumer/consumer.features.ts';
import { groupFeatures } from './consumer/group.features.ts';
import { healingFeatures } from './healing.features.ts';
import { hungBrokerFeatures } from './hung-broker.features.ts';
import { lagFeatures } from './lag/lag.features.ts';
import { producerFeatures } from './producer/producer.features.ts';
import { staticMemberFeatures } from './consumer/static-member.features.ts';
import { transactionHealingFeatures } from './transactions/transaction-healing.features.ts';
import { transactionFeatures } from './transactions/transaction.features.ts';
import { transformerFeatures } from './transactions/transformer.features.ts';

/** What the client facade guarantees, on any broker that speaks Kafka's protocol. Broker outages need an engine with `control`. */
export function clientFeatures(engine: () => Engine, controlled: boolean): void {
  adminFeatures(engine);
  producerFeatures(engine);
  consumerFeatures(engine);
  groupFeatures(engine);
  staticMemberFeatures(engine);
  transactionFeatures(engine);
  transformerFeatures(engine);
  lagFeatures(engine);
  hungBrokerFeatures(engine);
  if (controlled) healingFeatures(engine);
  if (controlled) transactionHealingFeatures(engine);
}
