import { join } from 'node:path';
import { ClientError, type Assignment } from '@millrace/streaming-core/client';
import { Doorbell, pause } from '@millrace/streaming-core/runtime';
import type { TaskPlan } from '../assignment/tasks.ts';
import type { ActiveTask } from './active-task.ts';
import type { AppState } from './app-state.ts';
import { Committer } from './committer.ts';
import { isOutOfRange, pastDeleted } from './deleted-records.ts';
import { nextTurn } from './next-turn.ts';
import { RecordFetcher } from './record-fetcher.ts';
import type { Recovery, RestartBudget } from './recovery.ts';
import type { RepartitionPurge } from './repartition-purge.ts';
import { restore } from './restoration.ts';
import type { LoopClients } from './stream-clients.ts';
import { startPositions } from './start-positions.ts';
import { report, TaskGauges } from './streams-channels.ts';
import { StreamsError } from './streams-error.ts';
import type { StreamsSettings } from './streams-options.ts';
import type { TaskSet } from './task-set.ts';
import type { ExpectedStates } from './task-state.ts';
import { isCorruption, isStateFailure } from '../state/sqlite/state-failure.ts';
import type { OffsetReset } from '../topology/topology-spec.ts';

interface StreamLoopParts {
  readonly settings: StreamsSettings;
  readonly clients: LoopClients;
  readonly tasks: TaskSet;
  readonly state: AppState;
  readonly budget: RestartBudget;
  /** Asks the log for the facts that the state of tasks must match. */
  readonly expect: (plans: readonly TaskPlan[]) => Promise<ExpectedStates>;
  readonly purge: RepartitionPurge;
  readonly resetOf: (topic: string) => OffsetReset;
  readonly onRunning: () => void;
  /** Called when the loop cannot continue. The application then closes. */
  readonly onFailed: (error: Error) => void;
}

/** The tasks of one assignment. */
export interface LoopAssignment extends Assignment {
  readonly plans: readonly TaskPlan[];
}

/** The longest sleep of the loop while nothing arrives, so that callbacks of the clock run. */
const idleMsMax = 100;
/** The number of records that a task processes before the next task has its turn. */
const turnRecords = 64;

/**
 * Runs the tasks of this process from their assignment to its revocation. It restores their state,
 * processes in slices so that heartbeats are not delayed, commits, and recovers from failures.
 */
export class StreamLoop {
  readonly #parts: StreamLoopParts;
  readonly #committer: Committer;
  readonly #bell: Doorbell;
  #assignment: LoopAssignment | undefined;
  #isLost = false;
  /** The number of failures since the last commit. */
  #failures = 0;
  #paused = false;
  #working: Promise<void> = Promise.resolve();
  #stopping = new AbortController();

  constructor(parts: StreamLoopParts) {
    this.#parts = parts;
    this.#committer = new Committer(parts.clients.output, parts.settings);
    this.#bell = new Doorbell(parts.settings.clock);
  }

  /** Begins to work on an assignment. The previous one has been revoked. */
  begin(assignment: LoopAssignment): void {
    this.#assignment = assignment;
    this.#isLost = false;
    this.#stopping = new AbortController();
    this.#working = this.#work(assignment);
  }

  /** Commits the work of the assignment and resolves once the loop has stopped. Never rejects. */
  async revoke(): Promise<void> {
    this.#assignment = undefined;
    this.#stopping.abort();
    this.#bell.ring();
    await this.#working;
  }

  /** Gives up the work of the assignment, because other members may already have its tasks. */
  async lose(): Promise<void> {
    this.#isLost = true;
    await this.revoke();
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    this.#bell.ring();
  }

  async #work(assignment: LoopAssignment): Promise<void> {
    const isCurrent = () => this.#assignment === assignment;
    const { tasks, state } = this.#parts;
    this.#failures = 0;
    while (isCurrent()) {
      try {
        if (!(await this.#prepare(assignment, isCurrent))) return;
        state.change('running');
        this.#parts.onRunning();
        await this.#run(assignment, isCurrent);
        return;
      } catch (error) {
        report('abort', { applicationId: this.#parts.settings.applicationId, error });
        const recovered = await this.#committer.recover(tasks.all, error).catch(() => 'replay' as const);
        const recovery = (await this.#discardCorrupt(error)) ? 'replay' : recovered;
        if (!(await this.#goOn(recovery, error))) return;
      }
    }
  }

  /** Prepares the tasks. Resolves to false if the assignment was revoked in the meantime. */
  async #prepare({ plans }: LoopAssignment, isCurrent: () => boolean): Promise<boolean> {
    const { clients, tasks, settings, state, resetOf } = this.#parts;
    const { applicationId, clock, restoreBatchRecordsMax } = settings;
    tasks.retain(plans);
    await clients.output.open();
    state.change('restoring');
    tasks.open(plans, await this.#parts.expect(plans));
    const restored = await restore(tasks.all, {
      reader: clients.changelogs,
      ends: clients.ends,
      clock,
      batchRecordsMax: restoreBatchRecordsMax,
      isCurrent,
      onProgress: (remainingRecords) => report('restore', { applicationId, remainingRecords }),
    });
    if (!restored) return false;
    const { admin, sources: reader, changelogs } = clients;
    const positions = await startPositions(plans, { settings, admin, reader, changelogs, resetOf });
    for (const task of tasks.all) task.start(positions);
    return isCurrent();
  }

  async #run(assignment: LoopAssignment, isCurrent: () => boolean): Promise<void> {
    const { clients, tasks, settings, resetOf } = this.#parts;
    const { clock, commitIntervalMs, logger } = settings;
    const deletion = { reader: clients.sources, resetOf, logger };
    const running = [...tasks.all];
    const fetcher = new RecordFetcher(clients.sources, () => this.#bell.ring());
    const gauges = new TaskGauges(settings);
    let committedAtMs = clock.monotonic();
    while (isCurrent()) {
      for (const fetched of fetcher.take()) {
        const added = isOutOfRange(fetched) ? await pastDeleted(fetched, deletion) : fetched;
        for (const task of running) task.add(added);
      }
      const isBusy = !this.#paused && this.#slice(running);
      await this.#punctuate(running, isCurrent);
      // The next round begins with another task, so that slow records of one task do not hold up
      // the others.
      running.push(...running.splice(0, 1));
      const nowMs = clock.monotonic();
      if (this.#isCommitDue(running, nowMs - committedAtMs)) {
        await this.#commit(running, assignment);
        committedAtMs = clock.monotonic();
      }
      gauges.report(running);
      if (!this.#paused) fetcher.request(running.flatMap((task) => task.wanted()));
      if (isBusy) await nextTurn();
      else await this.#bell.sleep(Math.max(1, Math.min(idleMsMax, committedAtMs + commitIntervalMs - nowMs)));
    }
    if (this.#isLost) throw new ClientError('not_member', 'other members may have the tasks already');
    await this.#commit(running, assignment);
  }

  /** Works for one slice. Returns whether there is more to do at once. */
  #slice(tasks: readonly ActiveTask[]): boolean {
    const { clock, sliceMsMax, sliceRecordsMax, applicationId } = this.#parts.settings;
    const beganAtMs = clock.monotonic();
    const endsAtMs = beganAtMs + sliceMsMax;
    let records = 0;
    let isBusy = true;
    while (isBusy && records < sliceRecordsMax && clock.monotonic() < endsAtMs) {
      isBusy = false;
      for (const task of tasks) {
        const takenMax = Math.min(turnRecords, sliceRecordsMax - records);
        let taken = 0;
        const nowMs = clock.now();
        while (taken < takenMax && task.isReady(nowMs) && clock.monotonic() < endsAtMs) {
          task.process();
          taken += 1;
        }
        records += taken;
        if (taken > 0) isBusy = true;
      }
    }
    if (records > 0) report('process', { applicationId, records, latencyMs: clock.monotonic() - beganAtMs });
    return isBusy;
  }

  /** Runs the callbacks of the clock. After a slow one, heartbeats have a turn before the next. */
  async #punctuate(tasks: readonly ActiveTask[], isCurrent: () => boolean): Promise<void> {
    const { clock, sliceMsMax } = this.#parts.settings;
    let beganAtMs = clock.monotonic();
    for (const task of tasks) {
      const nowMs = clock.now();
      let hasRun = !this.#paused;
      while (hasRun) {
        hasRun = task.punctuate(nowMs);
        if (clock.monotonic() - beganAtMs < sliceMsMax) continue;
        await nextTurn();
        if (!isCurrent()) return;
        beganAtMs = clock.monotonic();
      }
      task.send();
    }
  }

  #isCommitDue(tasks: readonly ActiveTask[], sinceMs: number): boolean {
    const { commitIntervalMs, transactionBytesMax } = this.#parts.settings;
    const requested = tasks.filter((task) => task.takeCommitRequest()).length > 0;
    const written = tasks.reduce((sum, task) => sum + task.writtenBytes, 0);
    return requested || sinceMs >= commitIntervalMs || written >= transactionBytesMax;
  }

  async #commit(tasks: readonly ActiveTask[], { memberId, generationId }: Assignment): Promise<void> {
    const { clock, applicationId } = this.#parts.settings;
    const beganAtMs = clock.monotonic();
    const committed = await this.#committer.commit(tasks, { memberId, generationId });
    if (!committed) return;
    this.#failures = 0;
    report('commit', { applicationId, tasks: tasks.length, latencyMs: clock.monotonic() - beganAtMs });
    this.#parts.purge.committed(tasks.flatMap((task) => task.committedOffsets()));
  }

  /** Resolves to true if the state of tasks was damaged. It will be restored. */
  async #discardCorrupt(error: unknown): Promise<boolean> {
    const { tasks, settings } = this.#parts;
    try {
      return isCorruption(error) && (await tasks.discardCorrupt(error));
    } catch (failure) {
      settings.logger.warn({ err: failure }, 'it is unknown which state is damaged');
      return false;
    }
  }

  /** Recovers from an error. Resolves to whether the loop prepares its tasks again. */
  async #goOn(recovery: Recovery, error: unknown): Promise<boolean> {
    const { settings, clients, budget, onFailed } = this.#parts;
    const { logger, clock, onUncaughtError } = settings;
    const cause = isStateFailure(error) ? stateFailed(error, settings) : asError(error);
    if (this.#assignment === undefined) return false;
    if (recovery === 'rejoin') {
      logger.warn({ err: cause }, 'another process has the tasks: joining the group again');
      this.#assignment = undefined;
      void clients.member.rejoin();
      return false;
    }
    if (recovery === 'replay') {
      logger.warn({ err: cause }, 'the work since the last commit failed and is repeated');
      await pause(clock, Math.min(5_000, 50 * 2 ** Math.min(this.#failures, 10)), this.#stopping.signal);
      this.#failures += 1;
      return true;
    }
    try {
      if (onUncaughtError(cause) === 'close') throw cause;
      const delayMs = budget.next(cause);
      logger.error({ err: cause }, `the tasks are replaced after an error, in ${delayMs} ms`);
      await pause(clock, delayMs, this.#stopping.signal);
      return true;
    } catch (fatal) {
      this.#assignment = undefined;
      onFailed(fatal as Error);
      return false;
    }
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const stateFailed = (cause: Error, { stateDir, applicationId }: StreamsSettings): StreamsError =>
  new StreamsError(
    'state_folder_failed',
    `the state in ${join(stateDir, applicationId)} cannot be read or written (${cause.message}): see that its ` +
      'disk has space and works, and start again. Nothing is lost, as the state follows the log',
    { cause },
  );
