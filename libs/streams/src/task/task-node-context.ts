import type { Node, DropReason, EmitIntervals, NodeContext } from '../processor/node.ts';
import type { Cancellable, PunctuationType, StateStore } from '../processor/processor.ts';
import type { Headers, RecordContext, RecordMetadata, StreamRecord } from '../processor/record.ts';
import type { TaskId } from '../processor/task-id.ts';
import type { ProcessingState } from './processing-state.ts';

const noHeaders: Headers = [];

interface Child {
  readonly name: string;
  readonly node: Node;
  /** The error of a sink counts as a failure of the node above it. */
  readonly isSink: boolean;
}

/** The view that one node has of its task. */
export class TaskNodeContext implements NodeContext {
  readonly #nodeName: string;
  readonly #state: ProcessingState;
  readonly #storeNames: ReadonlySet<string>;
  readonly #children = new Map<string, Child>();

  constructor(nodeName: string, state: ProcessingState, storeNames: readonly string[]) {
    this.#nodeName = nodeName;
    this.#state = state;
    this.#storeNames = new Set(storeNames);
  }

  get applicationId(): string {
    return this.#state.applicationId;
  }

  get taskId(): TaskId {
    return this.#state.taskId;
  }

  get streamTimeMs(): number {
    return this.#state.time.streamTimeMs;
  }

  get wallClockMs(): number {
    return this.#state.wallClockMs();
  }

  get recordContext(): RecordContext | undefined {
    return this.#state.recordContext;
  }

  get emitIntervals(): EmitIntervals {
    return this.#state.emitIntervals;
  }

  get recordMetadata(): RecordMetadata | undefined {
    return this.#state.recordMetadata;
  }

  get headers(): Headers {
    return this.#state.recordContext?.headers ?? noHeaders;
  }

  addChild(child: Child): void {
    this.#children.set(child.name, child);
  }

  forward(record: StreamRecord, childName?: string): void {
    const context = this.#state.enter(record.timestampMs, record.headers);
    try {
      if (childName === undefined) for (const child of this.#children.values()) this.#hand(record, child);
      else this.#hand(record, this.#child(childName));
    } finally {
      this.#state.leave(context);
    }
  }

  store<S extends StateStore>(name: string): S {
    const global = this.#state.globalStore(name);
    if (global !== undefined) return global as S;
    if (!this.#storeNames.has(name)) {
      throw new TypeError(
        `The processor ${this.#nodeName} is not connected to a store ${name}. Name the store where the processor is added`,
      );
    }
    return this.#state.store(name) as S;
  }

  schedule(intervalMs: number, type: PunctuationType, punctuate: (timestampMs: number) => void): Cancellable {
    return this.#state.schedule(this.#nodeName, intervalMs, type, punctuate);
  }

  commit(): void {
    this.#state.requestCommit();
  }

  beforeCommit(write: () => void): void {
    this.#state.beforeCommit(this.#nodeName, write);
  }

  withRecordContext(context: RecordContext, work: () => void): void {
    this.#state.withRecordContext(context, work);
  }

  onClose(work: () => void): void {
    this.#state.onClose(work);
  }

  committedMetadata(name: string): number | undefined {
    return this.#state.metadata.get(name);
  }

  setCommittedMetadata(name: string, value: number): void {
    this.#state.metadata.set(name, value);
  }

  drop(reason: DropReason): void {
    this.#state.drop(reason);
  }

  #hand(record: StreamRecord, { name, node, isSink }: Child): void {
    if (isSink) return node.process(record);
    try {
      node.process(record);
    } catch (error) {
      this.#state.failed(name, error);
    }
  }

  #child(name: string): Child {
    const child = this.#children.get(name);
    if (child !== undefined) return child;
    throw new TypeError(
      `The processor ${this.#nodeName} has no child ${name}. Its children: ${this.#childNames()}`,
    );
  }

  #childNames(): string {
    return this.#children.size === 0 ? 'none' : [...this.#children.keys()].join(', ');
  }
}
