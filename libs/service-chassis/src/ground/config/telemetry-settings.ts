import { z } from 'zod';
import { setting, type ConfigOf, type Setting } from './setting.ts';

const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .default('false')
  .transform((text) => text === 'true');

const endpoint = z
  .string()
  .refine(
    (text) => ['http:', 'https:'].includes(URL.parse(text)?.protocol ?? ''),
    'must be a URL that begins with http:// or https://',
  )
  .optional();

const protocol = z
  .enum(['http/protobuf', 'http/json', 'grpc'], 'must be http/protobuf, http/json or grpc')
  .optional();

const exporters = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, `must be ${names.join(', ').replace(/, (\w+)$/, ' or $1')}`).optional();

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const otlp = 'http://127.0.0.1:4318';

/**
 * The OpenTelemetry variables that determine what is exported. Values that the SDK would ignore are
 * rejected here. The SDK reads all other variables itself.
 */
export const telemetrySettings = {
  sdkDisabled: setting('OTEL_SDK_DISABLED', flag, {
    example: 'true',
    meaning: '`true` turns off all export, whatever else is set.',
  }),
  endpoint: setting('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint, {
    example: otlp,
    meaning: 'The collector that gets traces and metrics, such as `http://127.0.0.1:4318`.',
  }),
  tracesEndpoint: setting('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', endpoint, {
    example: `${otlp}/v1/traces`,
    meaning: 'The full URL for traces, if it differs.',
  }),
  metricsEndpoint: setting('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', endpoint, {
    example: `${otlp}/v1/metrics`,
    meaning: 'The full URL for metrics, if it differs.',
  }),
  logsEndpoint: setting('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', endpoint, {
    example: `${otlp}/v1/logs`,
    meaning: 'The full URL for logs. With it, log lines are exported.',
  }),
  protocol: setting('OTEL_EXPORTER_OTLP_PROTOCOL', protocol, {
    example: 'http/protobuf',
    meaning: '`http/protobuf` (used if this is not set), `http/json` or `grpc`.',
  }),
  traces: setting('OTEL_TRACES_EXPORTER', exporters(['otlp', 'console', 'zipkin', 'none']), {
    example: 'otlp',
    meaning: '`otlp` (used if there is an endpoint), `console`, `zipkin` or `none`.',
  }),
  metrics: setting('OTEL_METRICS_EXPORTER', exporters(['otlp', 'console', 'none']), {
    example: 'otlp',
    meaning: '`otlp` (used if there is an endpoint), `console` or `none`.',
  }),
  logs: setting('OTEL_LOGS_EXPORTER', exporters(['otlp', 'console', 'none']), {
    example: 'none',
    meaning: '`otlp` exports each log line too; it is still written to standard output. `console` or `none`.',
  }),
  sampler: setting(
    'OTEL_TRACES_SAMPLER',
    z.enum(samplers, `must be one of ${samplers.join(', ')}`).optional(),
    {
      example: 'parentbased_traceidratio',
      meaning:
        'Which traces are exported. Under load, use `parentbased_traceidratio` with ' +
        '`OTEL_TRACES_SAMPLER_ARG=0.1`. If the caller sends a `traceparent`, it decides for the ' +
        'whole order.',
    },
  ),
} satisfies Record<string, Setting>;

export type TelemetryConfig = ConfigOf<typeof telemetrySettings>;

export interface Exported {
  readonly traces: string;
  readonly metrics: string;
  readonly logs: string;
}

/**
 * Returns the exporter of each signal, or undefined if nothing is exported and no SDK needs
 * loading. Traces and metrics are exported as soon as there is an OTLP endpoint. Logs are exported
 * only on request, because they are on standard output anyway.
 */
export function exportedSignals(config: TelemetryConfig): Exported | undefined {
  if (config.sdkDisabled) return undefined;
  const otlpTo = (own: string | undefined) => ((own ?? config.endpoint) === undefined ? 'none' : 'otlp');
  const exported = {
    traces: config.traces ?? otlpTo(config.tracesEndpoint),
    metrics: config.metrics ?? otlpTo(config.metricsEndpoint),
    logs: config.logs ?? (config.logsEndpoint === undefined ? 'none' : 'otlp'),
  };
  return Object.values(exported).every((name) => name === 'none') ? undefined : exported;
}
