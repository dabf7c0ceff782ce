import { startTestBroker } from '@millrace/testing/engine';
import { exchangesWithJava } from './exchange.suite.ts';

exchangesWithJava(async () => {
  const broker = await startTestBroker();
  return { bootstrapServer: broker.bootstrapServers, stop: () => broker.stop() };
});
