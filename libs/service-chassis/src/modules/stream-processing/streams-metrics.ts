import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { listen } from '../../observability/metrics/metrics.ts';
import { token } from '../../ground/provide.ts';

/**
 * Prometheus metrics of stream applications. Several services may share a test process, so each
 * declares which applications are its own.
 */
export interface StreamsMetrics {
  observe(applicationId: string): void;
  /** How many records an application has to restore before it runs. */
  remainingRecords(applicationId: string): number;
  stop(): void;
}

export const STREAMS_METRICS = token<StreamsMetrics>('StreamsMetrics');

interface Report {
  readonly applicationId: string;
}

interface ProcessReport extends Report {
  readonly records: number;
  readonly latencyMs: number;
}

interface CommitReport extends Report {
  readonly latencyMs: number;
}

interface DropReport extends Report {
  /** There are few of them. */
  readonly reason: string;
}

interface RestoreReport extends Report {
  readonly remainingRecords: number;
}

interface StateReport extends Report {
  readonly tasks: number;
}

interface TasksReport extends Report {
  readonly tasks: readonly {
    readonly task: string;
    readonly storeBytes: number;
    /** How far stream time is behind the clock; undefined before the first record. */
    readonly streamTimeLagMs: number | undefined;
  }[];
}

const labelNames = ['application'] as const;

export function createStreamsMetrics(registry: Registry): StreamsMetrics {
  const applications = new Set<string>();
  const remaining = new Map<string, number>();
  /** The tasks that have gauges, until they move to another process. */
  const shown = new Map<string, readonly string[]>();
  const metrics = metricsIn(registry);
  const ours =
    <Kind extends Report>(take: (report: Kind, labels: { application: string }) => void) =>
    (report: Kind) =>
      void (applications.has(report.applicationId) && take(report, { application: report.applicationId }));
  const stop = listen({
    'millrace:streams:process': ours<ProcessReport>(({ records, latencyMs }, labels) => {
      metrics.processed.inc(labels, records);
      metrics.slices.observe(labels, latencyMs / 1_000);
    }),
    'millrace:streams:commit': ours<CommitReport>(({ latencyMs }, labels) =>
      metrics.commits.observe(labels, latencyMs / 1_000),
    ),
    'millrace:streams:dropped': ours<DropReport>(({ reason }, labels) => {
      metrics.dropped.inc({ ...labels, reason });
      if (reason === 'late') metrics.late.inc(labels);
    }),
    'millrace:streams:restore': ours<RestoreReport>(({ applicationId, remainingRecords }, labels) => {
      remaining.set(applicationId, remainingRecords);
      metrics.remaining.set(labels, remainingRecords);
    }),
    'millrace:streams:abort': ours((_report, labels) => metrics.aborted.inc(labels)),
    'millrace:streams:tasks': ours<TasksReport>(({ applicationId, tasks }, labels) => {
      for (const task of shown.get(applicationId) ?? [])
        for (const gauge of [metrics.storeBytes, metrics.streamTimeLag]) gauge.remove({ ...labels, task });
      for (const { task, storeBytes, streamTimeLagMs } of tasks) {
        metrics.storeBytes.set({ ...labels, task }, storeBytes);
        if (streamTimeLagMs !== undefined)
          metrics.streamTimeLag.set({ ...labels, task }, streamTimeLagMs / 1_000);
      }
      shown.set(
        applicationId,
        tasks.map(({ task }) => task),
      );
    }),
    'millrace:streams:state': ours<StateReport>(({ tasks }, labels) => metrics.tasks.set(labels, tasks)),
  });
  return {
    observe: (applicationId) => void applications.add(applicationId),
    remainingRecords: (applicationId) => remaining.get(applicationId) ?? 0,
    stop,
  };
}

const latencyBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function metricsIn(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers });
  const taskGauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: [...labelNames, 'task'] as const, registers });
  const latency = (name: string, help: string) =>
    new Histogram({ name, help, labelNames, buckets: latencyBuckets, registers });
  return {
    processed: counter(
      'millrace_streams_process_records_total',
      'Records that were processed, by application',
    ),
    slices: latency(
      'millrace_streams_process_latency_seconds',
      'Time that the loop works before it lets other work use the thread, by application',
    ),
    commits: latency(
      'millrace_streams_commit_latency_seconds',
      'Time of one commit of all tasks, by application',
    ),
    dropped: new Counter({
      name: 'millrace_streams_dropped_records_total',
      help: 'Records without effect, by application and reason (such as null_key, late, expired_window)',
      labelNames: [...labelNames, 'reason'] as const,
      registers,
    }),
    late: counter(
      'millrace_streams_late_records_total',
      'Records that came after their window had closed or, in a pattern detection, after the grace period, by ' +
        'application. They are among the dropped records',
    ),
    remaining: gauge(
      'millrace_streams_restore_remaining_records',
      'Records that are still to be restored before the tasks run, by application',
    ),
    tasks: gauge('millrace_streams_task_count', 'Tasks of this process, by application'),
    storeBytes: taskGauge(
      'millrace_streams_store_bytes',
      'Bytes of the state on the disk, by application and task. Read every 5 s while the task runs',
    ),
    streamTimeLag: taskGauge(
      'millrace_streams_stream_time_lag_seconds',
      'Clock minus the largest time of the records of a task, by application and task. Read every 5 s',
    ),
    aborted: counter(
      'millrace_streams_transactions_aborted_total',
      'Commits whose work was given up and is done again, by application',
    ),
  };
}
