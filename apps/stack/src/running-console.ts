import type { Supervised } from './processes/supervise.ts';

/** The page for people. It starts once the services are ready, so it holds up nothing. */
export interface RunningConsole {
  readonly url: string;
  /** Resolves to the reason why it does not run, or to undefined once it does. */
  readonly started: Promise<string | undefined>;
}

/** Starts it without waiting. The system works without its page, so a failure is only reported. */
export const startConsole = (page: Supervised, url: string): RunningConsole => ({
  url,
  started: page.start().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  ),
});

/** Starts the page before the services, which send their spans to it. Rejects if it cannot start. */
export async function startCollector(page: Supervised, url: string): Promise<RunningConsole> {
  await page.start();
  return { url, started: Promise.resolve(undefined) };
}

/** The settings with which the services send their spans to the console. */
export const spanSettings = (consoleUrl: string): Readonly<Record<string, string>> => ({
  OTEL_SDK_DISABLED: 'false',
  OTEL_TRACES_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_EXPORTER_OTLP_ENDPOINT: consoleUrl,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
  OTEL_BSP_SCHEDULE_DELAY: '200',
  OTEL_BSP_MAX_QUEUE_SIZE: '8192',
});

const collectorSettings = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const;

/** Throws if the environment sends the traces to another collector. */
export function refuseOtherCollector(environment: Readonly<Record<string, string | undefined>>): void {
  const other = collectorSettings.find((name) => (environment[name]?.trim() ?? '') !== '');
  if (other !== undefined)
    throw new Error(
      `--trace sends the traces to the console, but ${other} sends them elsewhere: leave out one of the two`,
    );
}
