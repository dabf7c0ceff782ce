import type { DropReason, EmitIntervals } from '../processor/node.ts';
import type { Cancellable, PunctuationType, StateStore } from '../processor/processor.ts';
import type { Headers, RecordContext, RecordMetadata } from '../processor/record.ts';
import type { TaskId } from '../processor/task-id.ts';
import type { OpenIterators } from '../state/open-iterators.ts';
import { type FailurePolicies, throwFailure } from './node-failure.ts';

interface ProcessingParts extends Partial<FailurePolicies> {
  readonly applicationId: string;
  readonly taskId: TaskId;
  readonly wallClockMs: () => number;
  readonly globalStore: (name: string) => StateStore | undefined;
  readonly onDrop: (reason: DropReason) => void;
  readonly emitIntervals: EmitIntervals;
  /** Whether the task fills a global store, which has no commits. */
  readonly isGlobal?: boolean;
}

/** The check of iterators over the stores of the task. */
type CheckedIterators = Pick<OpenIterators, 'requireNone' | 'forget'>;

/** The topic in the context of a punctuation, which has no record of a log. */
const noTopic = '';

/** The context of a punctuation, as in Kafka Streams. */
const punctuationContext = (timestampMs: number): RecordContext => ({
  topic: noTopic,
  partition: -1,
  offset: -1n,
  timestampMs,
  headers: [],
});

/**
 * The state of a task's processing: the current record, its times, its callbacks and its stores.
 */
export class ProcessingState {
  readonly applicationId: string;
  readonly taskId: TaskId;
  readonly wallClockMs: () => number;
  readonly globalStore: (name: string) => StateStore | undefined;
  readonly drop: (reason: DropReason) => void;
  readonly emitIntervals: EmitIntervals;
  /** The times that the nodes commit with the offsets (KIP-825). */
  readonly metadata = new Map<string, number>();
  readonly time = new TaskTime();
  readonly #streamPunctuations = new Punctuations();
  readonly #clockPunctuations = new Punctuations();
  readonly #closers: (() => void)[] = [];
  readonly #commitWriters: (() => void)[] = [];
  readonly #isGlobal: boolean;
  readonly #stores = new Map<string, StateStore>();
  readonly #policies: FailurePolicies;
  readonly #iterators: CheckedIterators;
  /**
   * The error that the policy has thrown. It passes through the nodes above without another call of
   * the policy.
   */
  #fatal: unknown;
  #recordContext: RecordContext | undefined;
  #commitRequested = false;

  constructor(parts: ProcessingParts, iterators: CheckedIterators) {
    this.#iterators = iterators;
    this.applicationId = parts.applicationId;
    this.taskId = parts.taskId;
    this.wallClockMs = parts.wallClockMs;
    this.globalStore = parts.globalStore;
    this.drop = parts.onDrop;
    this.emitIntervals = parts.emitIntervals;
    this.#isGlobal = parts.isGlobal ?? false;
    this.#policies = {
      onNodeFailure: parts.onNodeFailure ?? throwFailure,
      onEncodingFailure: parts.onEncodingFailure ?? throwFailure,
    };
  }

  get recordContext(): RecordContext | undefined {
    return this.#recordContext;
  }

  /** The context of a store's writes. Outside of records it is that of a punctuation. */
  get writeContext(): RecordContext {
    return this.#recordContext ?? punctuationContext(Math.max(0, this.time.streamTimeMs));
  }

  get recordMetadata(): RecordMetadata | undefined {
    return this.#recordContext?.topic === noTopic ? undefined : this.#recordContext;
  }

  withRecordContext(context: RecordContext, work: () => void): void {
    const before = this.#recordContext;
    this.#recordContext = context;
    try {
      work();
    } finally {
      this.#recordContext = before;
    }
  }

  /**
   * Sets the time and the headers that the nodes downstream see. Returns the previous context, for
   * `leave`.
   */
  enter(timestampMs: number, headers: Headers): RecordContext | undefined {
    const context = this.#recordContext;
    if (context !== undefined && (context.timestampMs !== timestampMs || context.headers !== headers)) {
      const { topic, partition, offset } = context;
      this.#recordContext = { topic, partition, offset, timestampMs, headers };
    }
    return context;
  }

  leave(context: RecordContext | undefined): void {
    this.#recordContext = context;
  }

  /** Runs the work of a node for a record or a callback. No iterator may be open at its end. */
  work(nodeName: string, context: RecordContext, work: () => void): void {
    const before = this.#recordContext;
    this.#recordContext = context;
    try {
      work();
      this.#iterators.requireNone(nodeName);
    } catch (error) {
      this.failed(nodeName, error);
    } finally {
      this.#recordContext = before;
    }
  }

  /** Handles the error of a node. Returns if its record is to be skipped, and throws otherwise. */
  failed(nodeName: string, error: unknown): void {
    if (error !== undefined && error === this.#fatal) throw error;
    // The code that threw could not close its iterators.
    this.#iterators.forget();
    try {
      this.#policies.onNodeFailure({ nodeName, error, context: this.writeContext });
    } catch (fatal) {
      this.#fatal = fatal;
      throw fatal;
    }
  }

  /**
   * Handles the error of a serde. Returns if its record is not to be written, and throws otherwise.
   */
  notEncoded(topic: string, error: unknown): void {
    this.#policies.onEncodingFailure({ topic, error, context: this.writeContext });
  }

  addStore(store: StateStore): void {
    this.#stores.set(store.name, store);
  }

  store(name: string): StateStore {
    const store = this.#stores.get(name);
    if (store === undefined) throw new TypeError(`The task has no store ${name}`);
    return store;
  }

  schedule(
    nodeName: string,
    intervalMs: number,
    type: PunctuationType,
    punctuate: (timestampMs: number) => void,
  ): Cancellable {
    const run = (timestampMs: number) =>
      this.work(nodeName, punctuationContext(timestampMs), () => punctuate(timestampMs));
    return type === 'stream_time'
      ? this.#streamPunctuations.schedule(0, intervalMs, run)
      : this.#clockPunctuations.schedule(this.wallClockMs() + intervalMs, intervalMs, run);
  }

  punctuateStreamTime(): boolean {
    return this.time.streamTimeMs >= 0 && this.#streamPunctuations.runUntil(this.time.streamTimeMs);
  }

  punctuateWallClock(): boolean {
    return this.#clockPunctuations.runUntil(this.wallClockMs());
  }

  punctuateNext(nowMs: number): boolean {
    return this.#clockPunctuations.runNext(nowMs);
  }

  onClose(work: () => void): void {
    this.#closers.push(work);
  }

  /** The functions that the nodes have registered to run at the end. */
  get closers(): readonly (() => void)[] {
    return this.#closers;
  }

  beforeCommit(nodeName: string, write: () => void): void {
    if (this.#isGlobal)
      throw new TypeError(
        `The processor ${nodeName} fills a global store, which commits nothing: write in process instead of beforeCommit`,
      );
    this.#commitWriters.push(() => {
      const context = punctuationContext(Math.max(0, this.time.streamTimeMs));
      this.withRecordContext(context, () => {
        write();
        this.#iterators.requireNone(nodeName);
      });
    });
  }

  /** What the nodes have registered to write before a commit, those upstream first. */
  get commitWriters(): readonly (() => void)[] {
    return this.#commitWriters;
  }

  requestCommit(): void {
    this.#commitRequested = true;
  }

  /** Returns whether a node has requested a commit since the last call. */
  takeCommitRequest(): boolean {
    const requested = this.#commitRequested;
    this.#commitRequested = false;
    return requested;
  }
}

interface Punctuation {
  dueMs: number;
  readonly intervalMs: number;
  readonly run: (timestampMs: number) => void;
}

/** The callbacks of one task that wait for a time. */
export class Punctuations {
  #waiting: Punctuation[] = [];

  schedule(firstMs: number, intervalMs: number, run: (timestampMs: number) => void): Cancellable {
    if (!Number.isInteger(intervalMs) || intervalMs < 1) {
      throw new RangeError(`A punctuation needs an interval of whole milliseconds from 1, got ${intervalMs}`);
    }
    const punctuation = { dueMs: firstMs, intervalMs, run };
    this.#waiting.push(punctuation);
    return {
      cancel: () => {
        this.#waiting = this.#waiting.filter((other) => other !== punctuation);
      },
    };
  }

  /**
   * Runs the due callbacks, each once, however many intervals have passed. Returns whether there
   * was one.
   */
  runUntil(nowMs: number): boolean {
    let hasRun = false;
    while (this.runNext(nowMs)) hasRun = true;
    return hasRun;
  }

  /** Runs the callback that is due first. Returns false if none is due. */
  runNext(nowMs: number): boolean {
    let next: Punctuation | undefined;
    for (const punctuation of this.#waiting)
      if (punctuation.dueMs <= nowMs && (next === undefined || punctuation.dueMs < next.dueMs))
        next = punctuation;
    if (next === undefined) return false;
    const intervalsPassed = Math.floor((nowMs - next.dueMs) / next.intervalMs);
    next.dueMs += (intervalsPassed + 1) * next.intervalMs;
    next.run(nowMs);
    return true;
  }
}

/**
 * The stream time of a task and the times of its partitions, in Unix milliseconds, or -1 before the
 * first record.
 */
class TaskTime {
  #streamTimeMs = -1;
  readonly #partitionTimes = new Map<string, number[]>();

  get streamTimeMs(): number {
    return this.#streamTimeMs;
  }

  partitionTimeMs(topic: string, partition: number): number {
    return this.#partitionTimes.get(topic)?.[partition] ?? -1;
  }

  advance(topic: string, partition: number, timestampMs: number): void {
    const times = this.#partitionTimes.get(topic) ?? [];
    if (times.length === 0) this.#partitionTimes.set(topic, times);
    times[partition] = Math.max(times[partition] ?? -1, timestampMs);
    this.#streamTimeMs = Math.max(this.#streamTimeMs, timestampMs);
  }
}
