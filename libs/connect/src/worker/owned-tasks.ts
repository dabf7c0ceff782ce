import {
  pause,
  seconds,
  serialQueue,
  withDeadline,
  type Clock,
  type Logger,
} from '@millrace/streaming-core/runtime';
import type { RunState, StatusPlace } from '../logs/status-log.ts';
import type { StatusReports } from './status-reports.ts';
import { TaskTakenOver, type TaskRun } from './task-run.ts';

/** A connector or a task that this worker has to run. */
export interface WantedWork {
  readonly place: StatusPlace;
  /** If the version changes, the worker stops the work and begins it again. */
  readonly version: string;
  /** The state of work that does not run, or the function that runs it. */
  readonly run: RunState | ((parts: RunParts) => TaskRun);
}

export interface RunParts {
  readonly onRunning: () => void;
  readonly onTopic: (topic: string) => void;
  readonly measures: Map<string, number>;
}

export interface TaskReport extends StatusPlace {
  readonly state: RunState;
  readonly measures: ReadonlyMap<string, number>;
}

interface OwnedWork {
  readonly wanted: WantedWork;
  readonly measures: Map<string, number>;
  readonly stopping: AbortController;
  state: RunState;
  ended: Promise<void>;
}

export interface OwnedTasksOptions {
  readonly reports: StatusReports;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a task may take to stop. After that, its successor fences it. */
const stopMsMax = seconds(10);
/** How long a fenced task waits for the news that another worker owns it. */
const takenOverPauseMs = seconds(5);

/**
 * The work that this worker runs. It begins new work, ends work that is no longer wanted, and reports the
 * states.
 */
export class OwnedTasks {
  readonly #options: OwnedTasksOptions;
  readonly #owned = new Map<string, OwnedWork>();
  readonly #inTurn = serialQueue();

  constructor(options: OwnedTasksOptions) {
    this.#options = options;
  }

  get reported(): readonly TaskReport[] {
    return [...this.#owned.values()].map(({ wanted, state, measures }) => ({
      ...wanted.place,
      state,
      measures,
    }));
  }

  /** Resolves once all work that is no longer wanted has stopped, and all other work has begun. */
  become(wanted: () => readonly WantedWork[]): Promise<void> {
    return this.#inTurn(async () => {
      const byName = new Map(wanted().map((work) => [nameOf(work.place), work]));
      const superfluous = [...this.#owned].filter(
        ([name, owned]) => byName.get(name)?.version !== owned.wanted.version,
      );
      await Promise.all(superfluous.map(([name]) => this.#stop(name)));
      for (const [name, work] of byName) if (!this.#owned.has(name)) this.#begin(name, work);
    });
  }

  /** Stops everything, and reports that nobody runs it until another worker does. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      const places = [...this.#owned.values()].map(({ wanted }) => wanted.place);
      await Promise.all([...this.#owned.keys()].map((name) => this.#stop(name)));
      for (const place of places) this.#options.reports.report(place, 'UNASSIGNED');
    });
  }

  #begin(name: string, wanted: WantedWork): void {
    const owned: OwnedWork = {
      wanted,
      measures: new Map(),
      stopping: new AbortController(),
      state: 'UNASSIGNED',
      ended: Promise.resolve(),
    };
    this.#owned.set(name, owned);
    if (typeof wanted.run === 'string') this.#enter(owned, wanted.run);
    else owned.ended = this.#run(owned, wanted.run);
  }

  async #run(owned: OwnedWork, makeRun: Exclude<WantedWork['run'], RunState>): Promise<void> {
    const { clock, logger, reports } = this.#options;
    const { place } = owned.wanted;
    const { signal } = owned.stopping;
    while (!signal.aborted)
      try {
        const run = makeRun({
          measures: owned.measures,
          onRunning: () => this.#enter(owned, 'RUNNING'),
          onTopic: (topic) => reports.uses(place, topic),
        });
        await run(signal);
        if (!signal.aborted) throw new Error('the task has ended although nobody stopped it');
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof TaskTakenOver)) return this.#fail(owned, error as Error);
        logger.warn({ ...place, reason: error.message }, 'the task is fenced');
        await pause(clock, takenOverPauseMs, signal);
      }
  }

  #fail(owned: OwnedWork, error: Error): void {
    this.#options.logger.error(
      { ...owned.wanted.place, err: error },
      `the task has failed: ${error.message}`,
    );
    this.#enter(owned, 'FAILED', error);
  }

  #enter(owned: OwnedWork, state: RunState, error?: Error): void {
    if (owned.stopping.signal.aborted) return;
    owned.state = state;
    this.#options.reports.report(owned.wanted.place, state, error);
  }

  async #stop(name: string): Promise<void> {
    const { clock, logger } = this.#options;
    const owned = this.#owned.get(name)!;
    owned.stopping.abort();
    this.#owned.delete(name);
    const late = () => new Error(`the task has not stopped within ${stopMsMax} ms`);
    await withDeadline(clock, stopMsMax, owned.ended, late).catch((error: unknown) =>
      logger.warn(
        { ...owned.wanted.place, error },
        'a task keeps running although this worker has stopped it',
      ),
    );
  }
}

const nameOf = ({ connector, task }: StatusPlace): string => `${connector}\n${task ?? 'connector'}`;
