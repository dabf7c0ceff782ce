import { channel } from 'node:diagnostics_channel';
import type { Clock } from '@millrace/streaming-core/runtime';

/** The report of `millrace:streams:commit` about a commit of all tasks. */
interface CommitReport {
  readonly applicationId: string;
  readonly tasks: number;
  readonly latencyMs: number;
}

/** The report of `millrace:streams:process` about a slice of the loop. */
interface ProcessReport {
  readonly applicationId: string;
  readonly records: number;
  readonly latencyMs: number;
}

/** The report of `millrace:streams:dropped` about a record without effect. */
interface DropReport {
  readonly applicationId: string;
  readonly task: string;
  readonly reason: string;
}

/** The report of `millrace:streams:restore` during a restoration. */
export interface RestoreReport {
  readonly applicationId: string;
  readonly remainingRecords: number;
}

/** The report of `millrace:streams:abort` when the open work was given up. */
interface AbortReport {
  readonly applicationId: string;
  readonly error: unknown;
}

/** The report of `millrace:streams:state`. */
interface StateReport {
  readonly applicationId: string;
  readonly state: string;
  readonly tasks: number;
}

/** How one task stands. */
interface TaskGauge {
  readonly task: string;
  /** Bytes of its state on the disk. Stores in memory have none. */
  readonly storeBytes: number;
  /** The clock minus the stream time of the task. Undefined before its first record. */
  readonly streamTimeLagMs: number | undefined;
}

/** The report of `millrace:streams:tasks` about the tasks that run, sent every few seconds. */
interface TasksReport {
  readonly applicationId: string;
  readonly tasks: readonly TaskGauge[];
}

interface Reports {
  readonly commit: CommitReport;
  readonly process: ProcessReport;
  readonly dropped: DropReport;
  readonly restore: RestoreReport;
  readonly abort: AbortReport;
  readonly state: StateReport;
  readonly tasks: TasksReport;
}

const channels = {
  commit: channel('millrace:streams:commit'),
  process: channel('millrace:streams:process'),
  dropped: channel('millrace:streams:dropped'),
  restore: channel('millrace:streams:restore'),
  abort: channel('millrace:streams:abort'),
  state: channel('millrace:streams:state'),
  tasks: channel('millrace:streams:tasks'),
} as const;

/** True if somebody listens, for reports that cost something to make. */
const isReported = (name: keyof Reports): boolean => channels[name].hasSubscribers;

/** Publishes on `millrace:streams:<name>`. Costs next to nothing without a subscriber. */
export function report<Name extends keyof Reports>(name: Name, message: Reports[Name]): void {
  if (channels[name].hasSubscribers) channels[name].publish(message);
}

interface TaskGaugesParts {
  readonly applicationId: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** The parts of a task that the gauges read. */
export interface GaugedTask {
  readonly plan: { readonly name: string };
  /** Bytes of the task's state on the disk. */
  readonly storeBytes: number;
  /** Unix time in milliseconds, or -1. */
  readonly streamTimeMs: number;
}

/** Reports how the tasks of one assignment stand: at once, and then every few seconds. */
export class TaskGauges {
  readonly #parts: TaskGaugesParts;
  #dueAtMs = -Infinity;

  constructor(parts: TaskGaugesParts) {
    this.#parts = parts;
  }

  /** Asks the disk only if a report is due and somebody listens. */
  report(tasks: readonly GaugedTask[]): void {
    const { applicationId, clock } = this.#parts;
    if (clock.monotonic() < this.#dueAtMs || !isReported('tasks')) return;
    this.#dueAtMs = clock.monotonic() + everyMs;
    const nowMs = clock.now();
    report('tasks', { applicationId, tasks: tasks.map((task) => gaugeOf(task, nowMs)) });
  }
}

const everyMs = 5_000;

const gaugeOf = ({ plan, storeBytes, streamTimeMs }: GaugedTask, nowMs: number): TaskGauge => ({
  task: plan.name,
  storeBytes,
  streamTimeLagMs: streamTimeMs < 0 ? undefined : nowMs - streamTimeMs,
});
