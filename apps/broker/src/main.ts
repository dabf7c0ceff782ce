import { startBroker } from '@millrace/streaming-core/broker';
import { pino, type LoggerOptions } from 'pino';
import { readConfig } from './config.ts';

/** The embedded broker as a process of its own: serves until SIGTERM, SIGINT or the end of its parent, then drains and exits 0. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino(logFormat(config.LOG_LEVEL), pino.destination({ dest: 2, sync: true }));
  const broker = await startBroker({
    host: config.BROKER_HOST,
    port: config.BROKER_PORT,
    dataFolder: config.BROKER_DATA,
    flush: config.BROKER_FLUSH,
    autoCreateTopics: config.BROKER_AUTO_CREATE_TOPICS,
    advertisedHost: config.BROKER_ADVERTISED_HOST,
    advertisedPort: config.BROKER_ADVERTISED_PORT,
    logger,
  });
  const stop = () => {
    broker.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
  process.send?.({ type: 'ready', url: `${broker.host}:${broker.port}` });
}

/** As the services' lines, so that one query reads them all. */
const logFormat = (level: string): LoggerOptions => ({
  level,
  base: { service: 'broker' },
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
});

function fail(error: unknown): void {
  process.stderr.write(`broker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
