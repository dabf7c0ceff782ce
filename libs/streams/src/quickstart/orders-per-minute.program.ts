import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import { connectStreams, minutes, type ReadOnlyWindowStore } from '../index.ts';
import { ordersPerMinute } from './orders-per-minute.fixture.ts';

const bootstrapServers = [process.env.KAFKA_BOOTSTRAP_SERVERS ?? '127.0.0.1:9092'];
const clientId = 'orders-per-minute';
const topic = { partitions: 3, retention: 'unlimited', cleanup: 'delete' } as const;
const topics = ['orders', 'orders-per-minute', 'late-orders'].map((name) => ({ name, ...topic }));

await using admin = connectAdmin({ bootstrapServers, clientId });
await admin.createTopics(topics);

await using app = connectStreams(ordersPerMinute(), {
  applicationId: 'orders-per-minute',
  bootstrapServers,
  stateDir: process.env.STATE_DIR ?? 'orders-state',
  guarantee: 'exactly_once_v2',
});
await app.start();

await using producer = connectProducer({ bootstrapServers, clientId });
const now = systemClock.now();
const order = (timestampMs: number) => ({
  topic: 'orders',
  key: 'order-1',
  value: '{"sku":"lamp","quantity":1}',
  timestampMs,
});
await producer.send([order(now), order(now - minutes(10)), order(now)]);

const store = app.store<ReadOnlyWindowStore<string, number>>('orders-per-minute');
while ((store.fetch('lamp', now - (now % minutes(1))) ?? 0) < 2) await pause(systemClock, 100);
for (const { key, value } of store.all()) {
  const minute = new Date(key.window.startMs).toISOString();
  process.stdout.write(`${key.key} ${minute} ${value}\n`);
}
