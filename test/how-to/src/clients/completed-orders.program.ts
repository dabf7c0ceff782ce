import { orderEvents } from '@millrace/contracts';
import { connectConsumer } from '@millrace/streaming-core/client';

const { OrderCompleted } = orderEvents;
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());

await using consumer = connectConsumer({
  bootstrapServers: [process.env.KAFKA_BOOTSTRAP_SERVERS ?? '127.0.0.1:9092'],
  clientId: 'bookkeeping',
  groupId: 'bookkeeping', // not the name of a service
  topics: [OrderCompleted.topic.name],
  autoOffsetReset: 'earliest',
  isolation: 'read_committed',
  signal: stop.signal,
});

for await (const { headers, value } of consumer) {
  if (headers.get('ce_type') !== OrderCompleted.type) continue;
  const { orderId, completedAt } = OrderCompleted.schema.parse(JSON.parse(String(value)));
  process.stdout.write(`${headers.get('ce_id')}: order ${orderId} was completed at ${completedAt}\n`);
}
