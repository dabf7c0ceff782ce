import { connectAdmin, type Admin } from '@millrace/streaming-core/client';
import { joinElection, type Election } from '@millrace/streaming-core/shared-state';
import { pause, seconds, systemClock, type Clock } from '@millrace/streaming-core/runtime';
import { ConnectError } from '../plugin/connect-error.ts';
import type { RestartRequest } from '../logs/config-log.ts';
import type { StatusPlace } from '../logs/status-log.ts';
import type { ValidationContext } from '../settings/validation.ts';
import { ConnectorCommands } from './connector-commands.ts';
import { ConnectorOffsets } from './connector-offsets.ts';
import { OwnedTasks, type TaskReport } from './owned-tasks.ts';
import { StatusReports } from './status-reports.ts';
import { owners, workOf, type WorkParts } from './wanted-work.ts';
import { defaultConverters, type WorkerOptions } from './worker-options.ts';
import { openWorkerState, type WorkerState } from './worker-state.ts';

/** A process that runs its share of the connectors of its group. */
export interface ConnectWorker extends AsyncDisposable {
  readonly url: string;
  readonly state: WorkerState;
  readonly validation: ValidationContext;
  readonly commands: ConnectorCommands;
  readonly offsets: ConnectorOffsets;
  readonly reports: StatusReports;
  /** Whether this worker leads, and so may change connectors. */
  readonly leads: boolean;
  /** The address of the leader, or undefined while the workers elect one. */
  readonly leaderUrl: string | undefined;
  /** The connectors and tasks that this worker runs. */
  readonly tasks: readonly TaskReport[];
  /** The address of the worker that runs a task. */
  ownerOf(place: StatusPlace): string | undefined;
  clusterId(): Promise<string>;
  /** Restarts a task of this worker. */
  restartTask(place: StatusPlace): void;
  close(): Promise<void>;
}

const defaultTiming = {
  sessionTimeoutMs: seconds(6),
  rebalanceTimeoutMs: seconds(15),
  heartbeatIntervalMs: seconds(1),
};

/**
 * Reads the state, joins the group of workers, and starts its share of the work. Rejects with `ConnectError`
 * if another worker has this address.
 */
export async function startWorker(options: WorkerOptions): Promise<ConnectWorker> {
  const worker = new Worker(options);
  try {
    await worker.start();
    return worker;
  } catch (error) {
    await worker.close();
    throw error;
  }
}

class Worker implements ConnectWorker {
  readonly validation: ValidationContext;
  readonly #options: WorkerOptions;
  readonly #clock: Clock;
  readonly #admin: Admin;
  readonly #restarts = new Map<string, number>();
  readonly #closing = new AbortController();
  #parts: StartedParts | undefined;
  #election: Election | undefined;
  #state: WorkerState | undefined;
  #members: readonly string[] = [];
  #isReady = false;

  constructor(options: WorkerOptions) {
    const { plugins, defaults = {} } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#admin = connectAdmin({ ...options.connection, ...options.replication });
    this.validation = { plugins, defaults: ({ kind }) => ({ ...defaultConverters(kind), ...defaults }) };
  }

  get url(): string {
    return this.#options.url;
  }

  get state(): WorkerState {
    return this.#started.state;
  }

  get commands(): ConnectorCommands {
    return this.#started.commands;
  }

  get offsets(): ConnectorOffsets {
    return this.#started.offsets;
  }

  get reports(): StatusReports {
    return this.#started.reports;
  }

  get leads(): boolean {
    return this.#election?.leads ?? false;
  }

  get leaderUrl(): string | undefined {
    return this.#election?.leader?.url;
  }

  get tasks(): readonly TaskReport[] {
    return this.#parts?.tasks.reported ?? [];
  }

  get #started(): StartedParts {
    if (this.#parts) return this.#parts;
    throw new Error('the worker has not started');
  }

  async start(): Promise<void> {
    const options = this.#options;
    const { connection, groupId, url, logger } = options;
    const clock = this.#clock;
    const state = await openWorkerState(options, {
      onConfigs: () => this.#changed(),
      onRestart: (request) => this.#restart(request),
    });
    this.#state = state;
    const election = await joinElection({
      connection,
      groupId,
      url,
      topics: [state.configTopic],
      timing: { ...defaultTiming, ...options.timing },
      onElectorate: ({ members }) => {
        this.#members = [...new Set(members.map((member) => member.url))];
        this.#changed();
      },
      ...(options.onFailed && { onStopped: options.onFailed }),
    });
    this.#election = election;
    const generation = () => election.electorate?.generationId ?? 0;
    const workerId = new URL(url).host;
    const reports = new StatusReports({
      connection,
      log: state.statuses,
      workerId,
      generation,
      clock,
      logger,
    });
    const { validation } = this;
    this.#parts = {
      state,
      reports,
      tasks: new OwnedTasks({ reports, clock, logger }),
      commands: new ConnectorCommands({ state, election, reports, validation, clock }),
      offsets: new ConnectorOffsets({ options, clock, state, validation, admin: this.#admin }),
      work: {
        options: { ...options, clock, flushIntervalMs: options.flushIntervalMs ?? seconds(1) },
        state,
        validation,
      },
    };
    await this.#refuseSharedAddress(election);
    this.#isReady = true;
    this.#changed();
  }

  ownerOf(place: StatusPlace): string | undefined {
    for (const [{ connector, task }, owner] of this.#owners())
      if (connector === place.connector && task === place.task) return owner;
    return undefined;
  }

  async clusterId(): Promise<string> {
    return (await this.#admin.describeCluster()).clusterId;
  }

  restartTask(place: StatusPlace): void {
    const name = JSON.stringify(place);
    this.#restarts.set(name, (this.#restarts.get(name) ?? 0) + 1);
    this.#changed();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#isReady = false;
    await this.#parts?.tasks.close();
    await this.#parts?.reports.close();
    await this.#election?.close();
    await this.#state?.[Symbol.asyncDispose]();
    await this.#admin.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Waits before it refuses, because a worker that was killed stays in the group for a while, even if it
   * restarts at the same address.
   */
  async #refuseSharedAddress(election: Election): Promise<void> {
    const { url, timing } = this.#options;
    const end = this.#clock.monotonic() + 2 * (timing?.sessionTimeoutMs ?? defaultTiming.sessionTimeoutMs);
    const isAlone = () => election.electorate?.members.filter((member) => member.url === url).length === 1;
    while (!isAlone()) {
      if (this.#clock.monotonic() > end)
        throw new ConnectError(
          `another worker of the group has the address ${url}: give this one another address`,
        );
      await pause(this.#clock, 100, this.#closing.signal);
    }
  }

  #changed(): void {
    const { logger } = this.#options;
    if (!this.#isReady || !this.#parts) return;
    const { tasks, commands } = this.#parts;
    tasks
      .become(() => this.#wanted())
      .catch((err: unknown) => logger.error({ err }, 'the tasks could not be changed'));
    if (this.leads)
      commands
        .completeTasks()
        .catch((err: unknown) => logger.warn({ err }, 'the tasks of a connector could not be written'));
  }

  #wanted() {
    const { work } = this.#started;
    return [...this.#owners()].flatMap(([place, owner]) =>
      owner === this.url ? [workOf(work, place, this.#restarts.get(JSON.stringify(place)) ?? 0)] : [],
    );
  }

  #owners(): ReadonlyMap<StatusPlace, string> {
    return owners({ state: this.state, members: this.#members });
  }

  #restart({ connector, includeTasks, onlyFailed }: RestartRequest): void {
    if (!this.#isReady) return;
    for (const { state, ...report } of this.tasks) {
      if (report.connector !== connector || (onlyFailed && state !== 'FAILED')) continue;
      if (report.task === undefined) this.restartTask({ connector });
      else if (includeTasks) this.restartTask({ connector, task: report.task });
    }
  }
}

interface StartedParts {
  readonly state: WorkerState;
  readonly reports: StatusReports;
  readonly tasks: OwnedTasks;
  readonly commands: ConnectorCommands;
  readonly offsets: ConnectorOffsets;
  readonly work: WorkParts;
}
