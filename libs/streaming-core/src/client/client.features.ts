import { adminFeatures } from './admin.features.ts';
import type { Engine } from './client-bench.features.ts';
import { consumerFeatures } from './consumer.features.ts';
import { groupFeatures } from './group.features.ts';
import { healingFeatures } from './healing.features.ts';
import { hungBrokerFeatures } from './hung-broker.features.ts';
import { lagFeatures } from './lag.features.ts';
import { producerFeatures } from './producer.features.ts';
import { staticMemberFeatures } from './static-member.features.ts';
import { transactionHealingFeatures } from './transaction-healing.features.ts';
import { transactionFeatures } from './transaction.features.ts';

/** What the client facade guarantees, on any broker that speaks Kafka's protocol. Broker outages need an engine with `control`. */
export function clientFeatures(engine: () => Engine, controlled: boolean): void {
  adminFeatures(engine);
  producerFeatures(engine);
  consumerFeatures(engine);
  groupFeatures(engine);
  staticMemberFeatures(engine);
  transactionFeatures(engine);
  lagFeatures(engine);
  hungBrokerFeatures(engine);
  if (controlled) healingFeatures(engine);
  if (controlled) transactionHealingFeatures(engine);
}
