import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { pino, type LoggerOptions } from 'pino';
import { readCommandLine, usage } from './command-line.ts';
import { readConfig, type BrokerConfig } from './config.ts';
import type { SidePort } from './side-port.ts';

/** The embedded broker as a process of its own: serves until SIGTERM, SIGINT or the end of its parent, then drains and exits 0. */
export async function runBroker(args: readonly string[]): Promise<void> {
  const options = commandLine(args);
  if (options === 'help') return void process.stdout.write(`${usage}\n`);
  try {
    await serve(readConfig({ ...process.env, ...options }));
  } catch (error) {
    fail(error);
  }
}

async function serve(config: BrokerConfig): Promise<void> {
  const logger = pino(logFormat(config.logLevel), pino.destination({ dest: 2, sync: true }));
  const broker = await startBroker({ ...config, logger });
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

/** Clients are served already while this loads. */
async function openSide(broker: Broker, { dataFolder, http }: BrokerConfig, stopping: () => boolean): Promise<SidePort> {
  try {
    const { openSidePort } = await import('./side-port.ts');
    const readMetrics = metricsReader(broker, dataFolder);
    return await openSidePort({ readMetrics, trouble: () => broker.offlineCause(), stopping }, http);
  } catch (error) {
    await broker.close();
    throw error;
  }
}

/** Loaded when somebody asks for the first time. */
function metricsReader(broker: Broker, dataFolder: string) {
  const registry = async () => (await import('./broker-metrics.ts')).brokerMetrics(broker, { dataFolder });
  let loaded: ReturnType<typeof registry> | undefined;
  return async () => (loaded ??= registry());
}

function commandLine(args: readonly string[]) {
  try {
    return readCommandLine(args);
  } catch (error) {
    process.stderr.write(`broker: ${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exit(2);
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
