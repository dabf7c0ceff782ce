import { collectDefaultMetrics, Histogram, Registry, Gauge } from 'prom-client';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { token } from '../../ground/provide.ts';
import { RecentAnswers, showRecentAnswers } from './recent-answers.ts';

/** Each sample wakes the process: one every 100 ms costs a tenth of the CPU time of an idle service. */
const eventLoopSampleMs = 1_000;

/** The registry behind `/metrics`, for metrics of an app's own. */
export const METRICS = token<Metrics>('Metrics');

/** One registry per service, so that several services can live in one test process. */
export interface Metrics {
  readonly registry: Registry;
  observeRequest(request: { method: string; route: string; status: number; durationMs: number }): void;
}

/**
 * Collects the default process metrics and request durations. Durations are labelled by route
 * pattern and never by path, which would make one series per order.
 */
export function createMetrics({
  service,
  processMetrics = true,
  clock = systemClock,
}: {
  service: string;
  processMetrics?: boolean;
  clock?: Pick<Clock, 'monotonic'>;
}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (processMetrics)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopSampleMs });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const recent = new RecentAnswers(clock);
  showRecentAnswers(registry, recent);
  return {
    registry,
    observeRequest({ method, route, status, durationMs }) {
      requests.observe({ method, route, status: String(status) }, durationMs / 1_000);
      if (!probes.has(route)) recent.count(status);
    },
  };
}

/** Probes and scrapers request these paths every few seconds. */
export const probes: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

/**
 * Listens to the reports of the libraries. The publisher of each channel documents the shape of its
 * message. Returns a function that stops listening.
 */
export function listen(listeners: Readonly<Record<string, (report: never) => void>>): () => void {
  const entries = Object.entries(listeners).map(
    ([name, listener]) => [name, (message: unknown) => listener(message as never)] as const,
  );
  for (const [name, listener] of entries) subscribe(name, listener);
  return () => entries.forEach(([name, listener]) => void unsubscribe(name, listener));
}

/** Adds a gauge whose value is read at each scrape. */
export function presentGauge(registry: Registry, name: string, help: string, present: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(present());
    },
  });
}

interface FigureGaugeOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Returns the findings of the last check. */
  readonly figures: () => ReadonlyArray<{
    readonly labels: Readonly<Record<Label, string>>;
    readonly value: number;
  }>;
}

/**
 * Shows the figures of a watch as one metric. A series disappears when the last check did not find
 * it.
 */
export function figureGauge<Label extends string>(
  registry: Registry,
  { name, help, labels, figures }: FigureGaugeOptions<Label>,
): void {
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset();
      for (const figure of figures()) this.set(figure.labels, figure.value);
    },
  });
}
