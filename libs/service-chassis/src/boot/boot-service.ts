import type { DynamicModule, Type } from '@nestjs/common';
import { hours } from '@millrace/streaming-core/runtime';
import { ConfigError, readConfig, processSettings } from '../ground/config/read-config.ts';
import { prefixOf, type AppConfig } from '../ground/config/app-config.ts';
import type { ConfigOf, Settings } from '../ground/config/setting.ts';
import type { LogSubject } from '../ground/logging/request-context.ts';
import { createLogger } from '../ground/logging/logger.ts';
import { startTelemetry, type Telemetry } from '../observability/telemetry/start-telemetry.ts';
import type { TelemetryConfig } from '../ground/config/telemetry-settings.ts';
import { startService, type BuildOperators, type Page, type RunningService } from './start-service.ts';

export interface BootOptions<Declared extends Settings> {
  readonly name: string;
  /** The settings of `serviceConfig` or `appConfig`, and the app's own. */
  readonly settings: Declared;
  readonly module: (config: ConfigOf<Declared>) => DynamicModule | Type;
  /** The field of messages and paths that log lines carry, such as the id of a case. */
  readonly logSubject?: LogSubject;
  readonly page?: (config: ConfigOf<Declared>) => Page;
  readonly operators?: BuildOperators;
}

/**
 * Runs a service as a process. It reads its settings, starts, sends `{ type: 'ready', url, opsUrl }` to its
 * parent, and drains on SIGTERM, SIGINT or when its parent has exited. If it cannot start, it
 * writes one line to standard error (one per wrong setting) and exits with code 1.
 */
export async function bootService<Declared extends Settings>({
  name,
  settings,
  module,
  logSubject,
  page,
  operators,
}: BootOptions<Declared>): Promise<void> {
  let service: RunningService | undefined;
  // The pauses of a start do not keep the process alive, and Node ends one that only waits with code 13.
  const awake = setInterval(() => undefined, hours(1));
  try {
    const config = readConfig(processSettings(settings), process.env) as ConfigOf<Declared> &
      AppConfig &
      TelemetryConfig;
    const logger = createLogger({ service: name, level: config.logLevel });
    const telemetry = await startTelemetry({ service: name, instance: config.instance, config, logger });
    const starting = startService({
      name,
      config,
      module,
      logger,
      logSubject,
      page: page?.(config),
      operators,
    });
    drainOnSignals(name, starting, { telemetry, graceMs: config.shutdownGraceMs });
    service = await starting;
    logger.info({ url: service.url, opsUrl: service.opsUrl }, 'listening');
    await service.started;
    logger.info({ url: service.url }, 'ready');
    process.send?.({ type: 'ready', url: service.url, opsUrl: service.opsUrl });
  } catch (error) {
    process.stderr.write(`${startFailure(name, error)}\n`);
    await service?.stop().catch(() => undefined);
    process.exit(1);
  } finally {
    clearInterval(awake);
  }
}

interface Draining {
  readonly telemetry: Telemetry;
  readonly graceMs: number;
}

function drainOnSignals(
  name: string,
  starting: Promise<RunningService>,
  { telemetry, graceMs }: Draining,
): void {
  let draining = false;
  const drain = () => {
    if (draining) return;
    draining = true;
    setTimeout(() => {
      process.stderr.write(`${name}: still busy ${graceMs * 2} ms after it was asked to stop; exiting now\n`);
      process.exit(1);
    }, graceMs * 2).unref();
    starting
      .then((service) => service.stop())
      .finally(() => telemetry.stop())
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', drain);
  process.on('SIGINT', drain);
  if (process.send !== undefined) process.on('disconnect', drain);
}

/** Tells the operator what prevents the start, and what to do about it. */
export function startFailure(name: string, error: unknown): string {
  if (error instanceof ConfigError) return error.problems.map((problem) => `${name}: ${problem}`).join('\n');
  if (!(error instanceof Error)) return `${name}: cannot start: ${String(error)}`;
  const code = 'code' in error ? error.code : undefined;
  const variable = 'setting' in error ? String(error.setting) : `${prefixOf(name)}_PORT`;
  if (code === 'EADDRINUSE')
    return (
      `${name}: port ${portOf(error)} is taken: stop the program that listens there, ` +
      `or set ${variable} to another port`
    );
  if (code === 'EACCES')
    return `${name}: port ${portOf(error)} may not be opened by this user: set ${variable} to a port above 1023`;
  return `${name}: cannot start: ${error.message.split('\n', 1)[0]}`;
}

const portOf = (error: Error): string => ('port' in error ? String(error.port) : 'of this service');
