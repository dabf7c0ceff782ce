import { milliseconds, pause, seconds, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import {
  exportedSignals,
  type Exported,
  type TelemetryConfig,
} from '../../ground/config/telemetry-settings.ts';

export interface TelemetryOptions {
  readonly service: string;
  readonly instance?: string;
  readonly config: TelemetryConfig;
  readonly logger: Logger;
}

export interface Telemetry {
  /**
   * Sends the remaining data, but waits at most two seconds, since a collector may be unreachable.
   * Never rejects.
   */
  stop(): Promise<void>;
}

const flushMsMax = seconds(2);
const none: Telemetry = { stop: () => Promise.resolve() };

/** Loads OpenTelemetry's SDK only if something is exported. */
export async function startTelemetry({
  service,
  instance,
  config,
  logger,
}: TelemetryOptions): Promise<Telemetry> {
  const exported = exportedSignals(config);
  if (exported === undefined) return none;
  Object.assign(process.env, environmentOf(service, instance, exported));
  const { startSdk } = await import('./start-sdk.ts');
  const shutDown = startSdk(logger, exported);
  logger.info({ ...exported }, 'telemetry is exported');
  return {
    async stop() {
      const ended = new AbortController();
      const flushed = shutDown().catch((err: unknown) => logger.debug({ err }, 'telemetry was not flushed'));
      await Promise.race([flushed, pause(systemClock, milliseconds(flushMsMax), ended.signal)]);
      ended.abort();
    },
  };
}

/** The SDK reads its settings only from the environment, so our defaults are written there. */
function environmentOf(
  service: string,
  instance: string | undefined,
  { traces, metrics, logs }: Exported,
): NodeJS.ProcessEnv {
  const given = process.env.OTEL_RESOURCE_ATTRIBUTES?.trim() ?? '';
  const named = process.env.OTEL_SERVICE_NAME?.trim() || /(^|,)\s*service\.name\s*=/.test(given);
  const known = instance === undefined || /(^|,)\s*service\.instance\.id\s*=/.test(given);
  return {
    OTEL_TRACES_EXPORTER: traces,
    OTEL_METRICS_EXPORTER: metrics,
    OTEL_LOGS_EXPORTER: logs,
    OTEL_NODE_RESOURCE_DETECTORS: process.env.OTEL_NODE_RESOURCE_DETECTORS ?? 'serviceinstance,host,env',
    ...(!named && { OTEL_SERVICE_NAME: service }),
    ...(!known && {
      OTEL_RESOURCE_ATTRIBUTES: [`service.instance.id=${instance}`, ...(given === '' ? [] : [given])].join(
        ',',
      ),
    }),
  };
}
