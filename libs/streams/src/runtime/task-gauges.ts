import type { Clock } from '@millrace/streaming-core/runtime';
import { isReported, report, type TaskGauge } from './streams-channels.ts';

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
