import { randomUUID } from 'node:crypto';
import { type Clock, type Logger, pause, silentLogger, systemClock } from '../../runtime/index.ts';
import type { Assignment, FetchedPartition, FetchPosition, GroupConsumer } from '../../client/index.ts';
import type { PersonalData } from '../../personal/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { BatchQueue } from './batch-queue.ts';
import { ConsumerError } from './consumer-error.ts';
import { DuplicateRate } from './commit-batches.ts';
import {
  createHandlerTable,
  type LockStreams,
  type MessageHandler,
  type SkipGuard,
} from './message-handler.ts';
import { LagCommits } from './lag-commits.ts';
import { consumerLimits, retryDelay, type ConsumerLimits } from './limits.ts';
import { Partition, type PartitionOptions, type PartitionStatus } from './partition.ts';
import { Reports } from './reports.ts';
import type { OwnershipListener } from './ownership.ts';

export interface ConsumerRuntimeOptions {
  readonly group: string;
  readonly consumer: GroupConsumer;
  readonly database: SqlDatabase;
  readonly handlers: readonly MessageHandler[];
  readonly lockStreams?: LockStreams;
  /** Called before messages without a handler are skipped. */
  readonly skipGuards?: readonly SkipGuard[];
  /**
   * The topics on which a message without a handler becomes a dead letter. On other topics it is
   * skipped.
   */
  readonly commandTopics?: readonly string[];
  /** Opens messages with personal data. Required if a handler's message can have some. */
  readonly personalData?: PersonalData;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Generates the ids of dead letters in the outbox. */
  readonly newId?: () => string;
  readonly limits?: Partial<ConsumerLimits>;
}

export interface ConsumerRuntime {
  /** Resolves once the group has given its first assignment. */
  start(): Promise<void>;
  /** Finishes the batches in flight and leaves the group. Idempotent. */
  stop(): Promise<void>;
  addOwnershipListener(listener: OwnershipListener): void;
  /** The current partitions of this process, for health checks and metrics. */
  status(): readonly PartitionStatus[];
  /**
   * Set once the runtime has stopped permanently because another process took its instance name.
   */
  readonly failure?: Error;
}

interface Wanted {
  readonly partition: Partition;
  readonly position: FetchPosition;
}

/**
 * Handles the messages of a group with exactly one effect each. Offset, inbox, effects and dead
 * letters of a batch are written in one transaction, which is fenced by the assignment epoch.
 * Offsets are stored in PostgreSQL. An offset that does not fit the log is never reset: it is
 * reported and its partition pauses.
 *
 * An event may have several handlers (see `MessageHandler`). Throws if a command has two, or if two
 * handlers of an event have a retry policy. `start` resolves at the first assignment.
 */
export function createConsumerRuntime(options: ConsumerRuntimeOptions): ConsumerRuntime {
  return new Runtime(options);
}

class Runtime implements ConsumerRuntime {
  readonly #consumer: GroupConsumer;
  readonly #clock: Clock;
  readonly #limits: ConsumerLimits;
  readonly #reports: Reports;
  readonly #listeners: OwnershipListener[] = [];
  readonly #partitionOptions: PartitionOptions;
  readonly #lagCommits: LagCommits;
  readonly #stopping = new AbortController();
  #partitions: readonly Partition[] = [];
  #fetches = 0;
  /** Cancels the pause before the next fetch, if there is one. */
  #lingering: (() => void) | undefined;
  /** Several partitions may be fenced at once, but the group is left only once per assignment. */
  #rejoining = false;
  #failure: Error | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ConsumerRuntimeOptions) {
    const { group, consumer, database, lockStreams, skipGuards, personalData, newId = randomUUID } = options;
    this.#consumer = consumer;
    this.#clock = options.clock ?? systemClock;
    this.#limits = { ...consumerLimits, ...options.limits };
    this.#reports = new Reports(group, options.logger ?? silentLogger, this.#clock);
    const duplicates = new DuplicateRate(this.#clock, this.#limits);
    const environment = {
      database,
      lockStreams,
      skipGuards,
      newId,
      clock: this.#clock,
      duplicates,
      limits: this.#limits,
    };
    this.#partitionOptions = {
      ...environment,
      group,
      consumer,
      personalData,
      handlers: createHandlerTable(options.handlers, options.commandTopics ?? []),
      queue: new BatchQueue(environment, this.#limits),
      reports: this.#reports,
      listeners: this.#listeners,
      onChange: () => this.#changed(),
      onFenced: (error) => this.#fenced(error),
      onBehind: (number) => {
        for (const other of this.#partitions) if (other.partition === number) other.hurry();
      },
    };
    this.#lagCommits = new LagCommits({
      consumer,
      clock: this.#clock,
      delayMs: this.#limits.commitDelayMs,
      reports: this.#reports,
      offsets: () => this.#partitions.flatMap(({ offsetToCommit }) => offsetToCommit ?? []),
    });
  }

  addOwnershipListener(listener: OwnershipListener): void {
    this.#listeners.push(listener);
  }

  async start(): Promise<void> {
    if (this.#stopping.signal.aborted)
      throw new ConsumerError('stopped', 'the runtime was stopped; create a new one');
    await this.#consumer.start({
      onRevoked: () => this.#release(),
      onAssigned: async (assignment) => this.#assigned(assignment),
      onStopped: (error) => (this.#failure = error),
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  status(): readonly PartitionStatus[] {
    return this.#partitions.map(({ status }) => status);
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#lingering?.();
    await this.#release();
    await this.#consumer.close();
  }

  #assigned({ partitions }: Assignment): void {
    if (this.#stopping.signal.aborted) return;
    this.#rejoining = false;
    this.#partitions = partitions.map((partition) => new Partition(partition, this.#partitionOptions));
  }

  /**
   * The group waits for this before it assigns the partitions to other members. A batch that does
   * not end in time is fenced by the next owner's epoch.
   */
  async #release(): Promise<void> {
    const leaving = this.#partitions;
    const drained = Promise.all(leaving.map((partition) => partition.close()));
    await this.#withinDrainTimeout(drained, 'partitions did not drain in time and will be fenced');
    await this.#withinDrainTimeout(this.#lagCommits.flush(), 'committing offsets to Kafka took too long');
    if (this.#partitions === leaving) this.#partitions = [];
  }

  async #withinDrainTimeout(work: Promise<unknown>, late: string): Promise<void> {
    const ended = new AbortController();
    const timeout = pause(this.#clock, this.#limits.drainTimeoutMs, ended.signal).then(() => 'late');
    if ((await Promise.race([work, timeout])) === 'late') this.#reports.failed(new Error(late), late);
    ended.abort();
  }

  #changed(): void {
    this.#fetchWhatIsWanted();
    this.#lagCommits.schedule();
  }

  /**
   * Starts a long poll for the partitions that have room and are in no poll yet, so that a busy
   * partition never waits for idle ones.
   */
  #fetchWhatIsWanted(): void {
    if (this.#stopping.signal.aborted || this.#fetches >= this.#limits.fetchesConcurrentMax) return;
    if (this.#lingering !== undefined) return;
    if (this.#partitions.some(({ settled }) => !settled)) return;
    const wanted = this.#partitions.flatMap((partition) => {
      const position = partition.wanted;
      return position === undefined ? [] : [{ partition, position }];
    });
    if (wanted.length > 0) void this.#fetch(wanted);
  }

  async #fetch(wanted: readonly Wanted[]): Promise<void> {
    this.#fetches += 1;
    for (const { partition } of wanted) partition.fetching = true;
    try {
      await this.#fetchOnce(wanted);
    } finally {
      this.#fetches -= 1;
      for (const { partition } of wanted) partition.fetching = false;
      this.#fetchWhatIsWanted();
    }
  }

  async #fetchOnce(wanted: readonly Wanted[]): Promise<void> {
    try {
      const answers = await this.#consumer.fetch(wanted.map(({ position }) => position));
      this.#reports.succeeded('fetch');
      for (const [index, { partition, position }] of wanted.entries())
        partition.accept(position.offset, answers[index]);
      if (answers.some(hasRecords) && answers.every(isAtEnd)) this.#linger();
    } catch (error) {
      for (const { partition } of wanted) partition.disrupted();
      if (this.#stopping.signal.aborted) return;
      this.#reports.retrying(error, 'fetch');
      await pause(this.#clock, retryDelay(this.#limits, 3), this.#stopping.signal);
    }
  }

  #linger(): void {
    const { lingerMs } = this.#limits;
    if (lingerMs === 0 || this.#stopping.signal.aborted) return;
    this.#lingering ??= this.#clock.after(lingerMs, () => {
      this.#lingering = undefined;
      this.#fetchWhatIsWanted();
    });
  }

  /**
   * Does not wait for the rejoin, because leaving the group waits for the fenced transaction to
   * end.
   */
  #fenced(error: Error): void {
    if (this.#stopping.signal.aborted || this.#rejoining) return;
    this.#rejoining = true;
    this.#reports.failed(error, 'fenced: leaving the group and joining again');
    this.#consumer
      .rejoin()
      .catch((cause: unknown) => this.#reports.failed(cause, 'joining the group again failed'));
  }
}

const hasRecords = ({ records }: FetchedPartition): boolean => records.length > 0;

const isAtEnd = ({ nextOffset, highWatermark }: FetchedPartition): boolean => nextOffset >= highWatermark;
