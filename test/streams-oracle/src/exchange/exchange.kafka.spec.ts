import { startKafka } from '@millrace/testing/kafka';
import { exchangesWithJava } from './exchange.suite.ts';

exchangesWithJava(async () => {
  const kafka = await startKafka();
  return { bootstrapServer: kafka.bootstrapServers[0] ?? '', stop: () => kafka.stop() };
});
