import { channel } from 'node:diagnostics_channel';
import type { Clock } from '@millrace/streaming-core/runtime';

/** The gauges of one task. */
interface TaskGauge {
  readonly task: string;
  /** The bytes of its state on the disk. Stores in memory take none. */
  readonly storeBytes: number;
  /** How far the stream time of the task is behind the clock. Undefined before its first record. */
  readonly streamTimeLagMs: number | undefined;
}

interface OfApplication {
  readonly applicationId: string;
}

/** The reports of `millrace:streams:NAME`, by name. */
interface Reports {
  /** Sent after each commit of all tasks. */
  readonly commit: OfApplication & { readonly tasks: number; readonly latencyMs: number };
  /** Sent after each slice of the processing loop. */
  readonly process: OfApplication & { readonly records: number; readonly latencyMs: number };
  /** Sent for each record that was dropped, with the reason. */
  readonly dropped: OfApplication & { readonly task: string; readonly reason: string };
  /** Sent during a restoration. */
  readonly restore: OfApplication & { readonly remainingRecords: number };
  /** Sent when the tasks give up their open work. */
  readonly abort: OfApplication & { readonly error: unknown };
  readonly state: OfApplication & { readonly state: string; readonly tasks: number };
  /** Sent every few seconds, with the gauges of the tasks that run. */
  readonly tasks: OfApplication & { readonly tasks: readonly TaskGauge[] };
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

/** Publishes on `millrace:streams:<name>`. Costs almost nothing without a subscriber. */
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
  /** The bytes of the task's state on the disk. */
  readonly storeBytes: number;
  /** Unix time in milliseconds, or -1. */
  readonly streamTimeMs: number;
}

/** Reports the gauges of one assignment's tasks, at once and then every few seconds. */
export class TaskGauges {
  readonly #parts: TaskGaugesParts;
  #dueAtMs = -Infinity;

  constructor(parts: TaskGaugesParts) {
    this.#parts = parts;
  }

  /** Reports if it is time. Asks the disk only if somebody listens. */
  report(tasks: readonly GaugedTask[]): void {
    const { applicationId, clock } = this.#parts;
    if (clock.monotonic() < this.#dueAtMs || !channels.tasks.hasSubscribers) return;
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
