import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { token } from '../../ground/provide.ts';

/** Each sample wakes the process: one every 100 ms costs a tenth of the CPU time of an idle service. */
const eventLoopSampleMs = 1_000;

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
}: {
  service: string;
  processMetrics?: boolean;
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
  return {
    registry,
    observeRequest: ({ method, route, status, durationMs }) =>
      requests.observe({ method, route, status: String(status) }, durationMs / 1_000),
  };
}
