import type { SagaEnded, SagaStarted } from '@millrace/saga';
import { Counter, Histogram, type Registry } from 'prom-client';
import { listen } from './listen.ts';

/** Counts and times the sagas of this process. Returns a function that stops listening. */
export function observeSagas(registry: Registry): () => void {
  const registers = [registry];
  const started = new Counter({
    name: 'millrace_sagas_started_total',
    help: 'Sagas that this process has started, by definition',
    labelNames: ['definition'] as const,
    registers,
  });
  const ended = new Histogram({
    name: 'millrace_saga_duration_seconds',
    help: 'Time from the start of a saga to its end, by definition and outcome (completed, compensated)',
    labelNames: ['definition', 'outcome'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600],
    registers,
  });
  return listen({
    'millrace.saga.started': ({ definition }: SagaStarted) => started.inc({ definition }),
    'millrace.saga.ended': ({ definition, outcome, durationMs }: SagaEnded) =>
      ended.observe({ definition, outcome }, durationMs / 1_000),
  });
}
