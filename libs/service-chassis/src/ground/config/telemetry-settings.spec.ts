import { describe, expect, it } from '@jest/globals';
import { readConfig } from './read-config.ts';
import { exportedSignals, telemetrySettings } from './telemetry-settings.ts';

const exported = (env: Readonly<Record<string, string>>) =>
  exportedSignals(readConfig(telemetrySettings, env));
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('the export of telemetry', () => {
  it.each([
    ['nothing by default', {}, undefined],
    [
      'nothing when the SDK is disabled',
      { ...endpoint, OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'otlp' },
      undefined,
    ],
    [
      'nothing when each signal is set to none',
      { ...endpoint, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
      undefined,
    ],
    ['traces and metrics to an endpoint', endpoint, { traces: 'otlp', metrics: 'otlp', logs: 'none' }],
    [
      'logs too when they are requested',
      { ...endpoint, OTEL_LOGS_EXPORTER: 'otlp' },
      { traces: 'otlp', metrics: 'otlp', logs: 'otlp' },
    ],
    [
      'one signal to its own endpoint',
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' },
      { traces: 'otlp', metrics: 'none', logs: 'none' },
    ],
    [
      'one signal to a named exporter without an endpoint',
      { OTEL_TRACES_EXPORTER: 'console' },
      { traces: 'console', metrics: 'none', logs: 'none' },
    ],
  ])('sends %s', (_, env, signals) => {
    expect(exported(env)).toEqual(signals);
  });

  it('rejects a value that the SDK would ignore, and names the remedy', () => {
    const wrong = {
      OTEL_SDK_DISABLED: 'yes',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'thrift',
      OTEL_TRACES_EXPORTER: 'jaeger',
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_TRACES_SAMPLER: 'sometimes',
    };
    let problems: readonly string[] = [];
    try {
      exported(wrong);
    } catch (error) {
      problems = (error as { problems: readonly string[] }).problems;
    }

    expect(problems).toEqual([
      'OTEL_SDK_DISABLED: must be true or false (example: OTEL_SDK_DISABLED=true)',
      expect.stringMatching(/^OTEL_EXPORTER_OTLP_ENDPOINT: must be a URL that begins with http:/),
      expect.stringMatching(/^OTEL_EXPORTER_OTLP_PROTOCOL: must be http\/protobuf, http\/json or grpc/),
      'OTEL_TRACES_EXPORTER: must be otlp, console, zipkin or none (example: OTEL_TRACES_EXPORTER=otlp)',
      expect.stringMatching(/^OTEL_METRICS_EXPORTER: must be otlp, console or none/),
      expect.stringMatching(/^OTEL_TRACES_SAMPLER: must be one of always_on, /),
    ]);
  });
});
