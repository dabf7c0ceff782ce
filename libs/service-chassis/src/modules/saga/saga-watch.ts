import {
  sagaFigures,
  type LiveVersion,
  type SagaFigures,
  type SagaEnded,
  type SagaReplied,
  type SagaResent,
  type SagaStarted,
} from '@millrace/saga';
import { systemClock } from '@millrace/streaming-core/runtime';
import { type Registry, Counter, Histogram } from 'prom-client';
import type { AlarmReading } from '@millrace/operations/alarms';
import { QUIET_DATABASE } from '../../database/database.tokens.ts';
import { METRICS, figureGauge, listen } from '../../observability/metrics/metrics.ts';
import { WATCHER, type Watch } from '../../observability/watch/watcher.ts';
import { provide, token } from '../../ground/provide.ts';
import { OPERATED_PROCESSES, processFigures, type ProcessFigures } from './operated-processes.ts';
import { SAGA_ENGINE } from './saga-engine.token.ts';

const noTimers = { overdue: 0, oldestOverdueMs: 0, unadopted: 0, oldestUnadoptedMs: 0 };

interface SagaWatchOptions {
  readonly registry: Registry;
  readonly figures: () => Promise<SagaFigures>;
  /** Figures about the timed processes of the service. */
  readonly processes: () => Promise<readonly ProcessFigures[]>;
  /** Live instances of versions that this process does not know. */
  readonly unknownVersions: () => Promise<readonly LiveVersion[]>;
}

export const sagaWatchProvider = provide(
  token<void>('saga watch'),
  [WATCHER, METRICS, QUIET_DATABASE, SAGA_ENGINE, OPERATED_PROCESSES],
  (watcher, { registry }, database, { unknownLiveVersions }, processes) =>
    watcher.add(
      sagaWatch({
        registry,
        figures: () => sagaFigures(database),
        processes: () =>
          Promise.all(processes.map((each) => processFigures(database, each, systemClock.now()))),
        unknownVersions: () => unknownLiveVersions(database),
      }),
    ),
);

/**
 * Watches live sagas and timed processes by status, those that get no answer, sagas that need a later
 * release, and timers that have not fired.
 */
export function sagaWatch({ registry, figures, processes, unknownVersions }: SagaWatchOptions): Watch {
  let found: SagaFigures = { live: [], needAttention: [], steps: [], commands: [], timers: noTimers };
  let unknown: readonly LiveVersion[] = [];
  const stopObserving = observeSagas(registry);
  showLive(registry, () => found.live);
  figureGauge(registry, {
    name: 'millrace_sagas_need_attention',
    help: 'Sagas that have sent a command 8 times without an answer, by definition, counted up to 10000',
    labels: ['definition'],
    figures: () =>
      found.needAttention.map(({ definition, instances }) => ({ labels: { definition }, value: instances })),
  });
  figureGauge(registry, {
    name: 'millrace_saga_step_oldest_age_seconds',
    help:
      'Age of the oldest unfinished saga that waits for the step, delay or wait, by definition and step, among ' +
      'the 10000 oldest',
    labels: ['definition', 'step'],
    figures: () =>
      found.steps.map(({ definition, step, oldestAgeMs }) => ({
        labels: { definition, step },
        value: oldestAgeMs / 1_000,
      })),
  });
  figureGauge(registry, {
    name: 'millrace_saga_commands_oldest_age_seconds',
    help:
      'For how long the command that has waited longest has had no reply, by definition and step; sagas within a ' +
      'delay or a wait do not count. A timed process waits for an event instead',
    labels: ['definition', 'step'],
    figures: () =>
      found.commands.map(({ definition, step, oldestAgeMs }) => ({
        labels: { definition, step },
        value: oldestAgeMs / 1_000,
      })),
  });
  figureGauge(registry, {
    name: 'millrace_sagas_unknown_version',
    help:
      'Unfinished sagas whose version this process does not know, by definition and version, ' +
      'counted up to 10000',
    labels: ['definition', 'version'],
    figures: () =>
      unknown.map(({ definition, version, instances }) => ({
        labels: { definition, version: String(version) },
        value: instances,
      })),
  });
  const timers = (name: string, help: string, valueOf: (timers: SagaFigures['timers']) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: [],
      figures: () => [{ labels: {}, value: valueOf(found.timers) }],
    });
  timers(
    'millrace_saga_timers_overdue',
    'Timers that are due and have not fired, counted up to 10000 for each partition',
    ({ overdue }) => overdue,
  );
  timers(
    'millrace_saga_timers_oldest_overdue_seconds',
    'How late the oldest overdue timer is; 0 if none is overdue',
    (due) => due.oldestOverdueMs / 1_000,
  );
  timers(
    'millrace_saga_timers_unadopted',
    'Timers that are due and have no partition, because no message of their saga has been handled, ' +
      'counted up to 10000',
    ({ unadopted }) => unadopted,
  );
  timers(
    'millrace_saga_timers_oldest_unadopted_seconds',
    'How late the oldest timer without a partition is; 0 if there is none',
    (due) => due.oldestUnadoptedMs / 1_000,
  );
  return {
    name: 'sagas',
    async look() {
      found = withProcesses(await figures(), await processes());
      unknown = await unknownVersions();
      return [...readingsOf(found), ...unknown.map(unknownReading)];
    },
    stop: stopObserving,
  };
}

const withProcesses = (sagas: SagaFigures, processes: readonly ProcessFigures[]): SagaFigures => ({
  ...sagas,
  live: [...sagas.live, ...processes.flatMap(({ live }) => live)],
  commands: [...sagas.commands, ...processes.flatMap(({ commands }) => commands)],
});

function showLive(registry: Registry, live: () => SagaFigures['live']): void {
  const gauge = (name: string, help: string, valueOf: (sagas: SagaFigures['live'][number]) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: ['definition', 'status'],
      figures: () =>
        live().map((sagas) => ({
          labels: { definition: sagas.definition, status: sagas.status },
          value: valueOf(sagas),
        })),
    });
  gauge(
    'millrace_sagas_live',
    'Unfinished sagas and timed processes, by definition and status (running, compensating, closing), counted up ' +
      'to 10000, and those of a timed process up to 1000',
    ({ instances }) => instances,
  );
  gauge(
    'millrace_sagas_oldest_age_seconds',
    'Age of the oldest unfinished saga or timed process, by definition and status',
    ({ oldestAgeMs }) => oldestAgeMs / 1_000,
  );
}

function readingsOf({ commands, needAttention, timers }: SagaFigures): readonly AlarmReading[] {
  return [
    ...commands.map(({ definition, oldestAgeMs }): AlarmReading => {
      return { alarm: 'saga_age', place: { definition }, value: oldestAgeMs / 1_000 };
    }),
    { alarm: 'timers_overdue', value: timers.oldestOverdueMs / 1_000 },
    { alarm: 'timers_unadopted', value: timers.oldestUnadoptedMs / 1_000 },
    ...needAttention.map(({ definition, instances }): AlarmReading => {
      return { alarm: 'sagas_need_attention', place: { definition }, value: instances };
    }),
  ];
}

const unknownReading = ({ definition, version, instances }: LiveVersion): AlarmReading => ({
  alarm: 'saga_version_unknown',
  place: { definition, kind: `version ${version}` },
  value: instances,
});

/** Counts and times the sagas of this process. Returns a function that stops listening. */
function observeSagas(registry: Registry): () => void {
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
  const replied = new Histogram({
    name: 'millrace_saga_step_duration_seconds',
    help:
      'Time from the first sending of a command to its reply, by definition, step and role (step, compensation, ' +
      'closing)',
    labelNames: ['definition', 'step', 'role'] as const,
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300, 3_600],
    registers,
  });
  const resent = new Counter({
    name: 'millrace_saga_commands_resent_total',
    help: 'Commands that this process has sent again, by definition, step and role (step, compensation, closing)',
    labelNames: ['definition', 'step', 'role'] as const,
    registers,
  });
  return listen({
    'millrace.saga.replied': ({ durationMs, ...labels }: SagaReplied) =>
      replied.observe(labels, durationMs / 1_000),
    'millrace.saga.resent': (labels: SagaResent) => resent.inc({ ...labels }),
    'millrace.saga.started': ({ definition }: SagaStarted) => started.inc({ definition }),
    'millrace.saga.ended': ({ definition, outcome, durationMs }: SagaEnded) =>
      ended.observe({ definition, outcome }, durationMs / 1_000),
  });
}
