import type { Logger } from '@millrace/streaming-core/runtime';
import { pino, type LoggerOptions } from 'pino';
import { BrokerProcess } from './broker-process.ts';
import { readCommandLine, usage } from './command-line.ts';
import { readConfig, type BrokerConfig } from './config.ts';

/**
 * Runs the embedded broker as a process of its own. It serves until SIGTERM, SIGINT, SIGHUP or the
 * end of its parent process, then drains and exits with 0.
 */
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
  const parts = new BrokerProcess(config);
  endOnSignal(logger, () => parts.stop());
  const { broker, side } = await parts.start(logger);
  const metrics = `${side.url}/metrics`;
  if (side.insteadOf === undefined) logger.info({ metrics }, `metrics and health are at ${side.url}`);
  else
    logger.warn(
      { metrics },
      `port ${side.insteadOf} is taken: metrics and health are at ${side.url}; ` +
        'set BROKER_HTTP_PORT (--http-port) to choose a port',
    );
  if (process.connected)
    process.send?.({ type: 'ready', url: `${inUrl(broker.host)}:${broker.port}`, http: side.url });
}

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/**
 * Under npm, Ctrl-C reaches the broker twice: from the terminal and from npm. A second signal
 * within this time is ignored.
 */
const sameWishMs = 500;

/**
 * The first signal drains the broker, which takes a few seconds at most. A later one exits at once.
 */
function endOnSignal(logger: Logger, drain: () => Promise<void>): void {
  let firstAt: number | undefined;
  const end = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      drain().then(() => process.exit(0), fail);
    } else if (performance.now() - firstAt > sameWishMs) {
      logger.warn({}, 'exited before every request was answered: the next start checks the ends of the logs');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  const endOnce = () => firstAt ?? end();
  process.once('disconnect', endOnce);
  watchNpm(endOnce);
}

const startedBy = process.ppid;
const npmLookMs = 100;

/**
 * npm forwards every signal except a kill -9 of npm itself. After that, the broker would keep the
 * port and the data folder, and the next broker could not start.
 */
function watchNpm(onGone: () => void): void {
  if (process.env.npm_lifecycle_event !== 'broker') return;
  const look = setInterval(() => {
    if (process.ppid === startedBy) return;
    clearInterval(look);
    onGone();
  }, npmLookMs);
  look.unref();
}

function commandLine(args: readonly string[]) {
  try {
    return readCommandLine(args);
  } catch (error) {
    process.stderr.write(`broker: ${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exit(2);
  }
}

/** The format of the services' log lines, so that one query reads them all. */
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
