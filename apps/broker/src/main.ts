import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { pino, type LoggerOptions } from 'pino';
import { brokerMetrics } from './broker-metrics.ts';
import { readCommandLine, usage } from './command-line.ts';
import { readConfig, type BrokerConfig } from './config.ts';
import { openSidePort, type SidePort } from './side-port.ts';

/** The embedded broker as a process of its own: serves until SIGTERM, SIGINT or the end of its parent, then drains and exits 0. */
async function main(): Promise<void> {
  const options = commandLine();
  if (options === 'help') return void process.stdout.write(`${usage}\n`);
  const config = readConfig({ ...process.env, ...options });
  const logger = pino(logFormat(config.LOG_LEVEL), pino.destination({ dest: 2, sync: true }));
  const broker = await startBroker({
    host: config.BROKER_HOST,
    port: config.BROKER_PORT,
    dataFolder: config.BROKER_DATA,
    flush: config.BROKER_FLUSH,
    autoCreateTopics: config.BROKER_AUTO_CREATE_TOPICS,
    advertisedHost: config.BROKER_ADVERTISED_HOST,
    advertisedPort: config.BROKER_ADVERTISED_PORT,
    properties: config.properties,
    logger,
  });
  let stopping = false;
  const side = await openSide(broker, config, () => stopping);
  logger.info({ metrics: `${side.url}/metrics` }, `metrics and health are at ${side.url}`);
  const stop = () => {
    stopping = true;
    broker
      .close()
      .then(() => side.close())
      .then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
  process.send?.({ type: 'ready', url: `${broker.host}:${broker.port}`, http: side.url });
}

function commandLine() {
  try {
    return readCommandLine(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`broker: ${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exit(2);
  }
}

async function openSide(broker: Broker, config: BrokerConfig, stopping: () => boolean): Promise<SidePort> {
  const registry = brokerMetrics(broker, { dataFolder: config.BROKER_DATA });
  const trouble = () => broker.statistics().offlineCause;
  try {
    return await openSidePort({ registry, trouble, stopping }, { host: config.BROKER_HTTP_HOST, port: config.BROKER_HTTP_PORT });
  } catch (error) {
    await broker.close();
    throw error;
  }
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
