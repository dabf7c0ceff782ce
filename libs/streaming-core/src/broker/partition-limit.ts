import { ProtocolError } from '../protocol/errors.ts';
import type { BrokerServices } from './broker-services.ts';

/** Throws INVALID_PARTITIONS where a topic would get more partitions than the broker takes of all topics together. */
export function checkPartitionsAdded(
  topic: string,
  added: number,
  { logs, limits }: Pick<BrokerServices, 'logs' | 'limits'>,
): void {
  const existing = logs.topics().reduce((sum, { partitions }) => sum + partitions, 0);
  if (existing + added <= limits.partitionsMax) return;
  const remedy = 'use fewer, raise limits.partitionsMax of startBroker, or run Apache Kafka';
  throw new ProtocolError(
    'INVALID_PARTITIONS',
    `${topic}: ${added} partitions on top of ${existing} are more than the ${limits.partitionsMax} of this broker: ${remedy}`,
  );
}
