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
  /** Work whose version has changed is stopped and begun again. */
  readonly version: string;
  /** The state of work that does not run, or how it runs. */
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

/** How long a task may take to stop. Its successor fences it if it takes longer. */
const stopMsMax = seconds(10);
/** How long a fenced task waits, in which the news of its new owner arrives. */
const takenOverPauseMs = seconds(5);

/** What this worker runs: begins what is wanted, ends what is not, and reports the states. */
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

  /** Resolves once what is not wanted any more has stopped, and the rest has begun. */
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

  /** Stops everything. The states say that nobody runs it, until another worker does. */
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
        if (!signal.aborted) throw new Error('the task has ended by itself');
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
      logger.warn({ ...owned.wanted.place, error }, 'a task goes on without this worker'),
    );
  }
}

const nameOf = ({ connector, task }: StatusPlace): string => `${connector}\n${task ?? 'connector'}`;
