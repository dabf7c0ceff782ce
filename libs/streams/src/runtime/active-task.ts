import type {
  FetchPosition,
  OffsetToCommit,
  PartitionOffset,
  TopicPartition,
  UndecodedPartition,
} from '@millrace/streaming-core/client';
import type { TaskPlan } from '../assignment/tasks.ts';
import { encodeOffsetMetadata } from '../assignment/offset-metadata.ts';
import type { ChangelogRecord } from '../state/store-context.ts';
import type { ExpectedState } from '../state/state-meta.ts';
import type { StoreEngine } from '../state/store-engine.ts';
import type { StateStore } from '../processor/processor.ts';
import type { FailurePolicies } from '../task/node-failure.ts';
import type { DecodedRecord } from '../task/task-record.ts';
import type { TopologyTask } from '../task/topology-task.ts';
import type { CommittedTask } from './committer.ts';
import { InputQueues } from './input-queues.ts';
import { PartitionQueue, type QueueLimits } from './partition-queue.ts';
import { placeName } from './place-name.ts';
import { inputRecords, type InputRecord } from './raw-records.ts';
import type { RecordGuard } from './record-guard.ts';
import type { RestoredTask } from './restoration.ts';
import type { StartPosition } from './start-positions.ts';
import type { StreamsSettings, StoreIsolation } from './streams-options.ts';
import type { GaugedTask } from './streams-channels.ts';
import type { TaskOutputs } from './task-outputs.ts';

interface ActiveTaskParts {
  readonly plan: TaskPlan;
  readonly changelogs: ReadonlyMap<string, TopicPartition>;
  /** Changelogs of stores that are kept only in memory, and are restored from their beginning. */
  readonly volatile: ReadonlySet<string>;
  readonly engine: StoreEngine;
  readonly outputs: TaskOutputs;
  readonly guard: RecordGuard;
  readonly limits: QueueLimits & Pick<StreamsSettings, 'maxTaskIdleMs' | 'guarantee' | 'endOffsets'>;
  /** Opens the nodes and stores over the rows that the engine has committed. */
  readonly open: (policies: FailurePolicies) => TopologyTask;
}

/** A task that this process runs, with its partitions, its state and its output. */
export class ActiveTask implements CommittedTask, RestoredTask, GaugedTask {
  readonly plan: TaskPlan;
  readonly #parts: ActiveTaskParts;
  #task: TopologyTask;
  #inputs = new InputQueues<InputRecord, DecodedRecord>(new Map(), 0);
  readonly #committed = new Map<string, bigint>();
  readonly #volatileOffsets = new Map<string, bigint>();
  #hasWork = false;
  /**
   * Whether the present commit has offsets. The group accepts them only from the owner of the task.
   */
  #commitsOffsets = false;
  #processing: InputRecord | undefined;

  constructor(parts: ActiveTaskParts) {
    this.plan = parts.plan;
    this.#parts = parts;
    this.#task = this.#open();
  }

  get hasWork(): boolean {
    return this.#hasWork;
  }

  get storeBytes(): number {
    return this.#parts.engine.diskBytes;
  }

  get streamTimeMs(): number {
    return this.#task.streamTimeMs;
  }

  /** The changelogs of the stores, by their names. */
  get changelogs(): ReadonlyMap<string, TopicPartition> {
    return this.#parts.changelogs;
  }

  /** The bytes written since the last commit. */
  get writtenBytes(): number {
    return this.#parts.outputs.bytes;
  }

  /** The offset from which to restore a changelog, or null to restore it from its beginning. */
  restoredOffset(changelog: string): bigint | null {
    const { volatile, engine } = this.#parts;
    return volatile.has(changelog)
      ? (this.#volatileOffsets.get(changelog) ?? null)
      : engine.offset(changelog);
  }

  restore(storeName: string, records: readonly ChangelogRecord[]): void {
    this.#task.restore(storeName, records);
  }

  keepRestored(offsets: ReadonlyMap<string, bigint>, isCaughtUp: boolean): void {
    this.#parts.engine.commit(offsets, isCaughtUp);
    this.#keepVolatile(offsets);
  }

  /** Returns a store for queries. */
  store(name: string, isolation: StoreIsolation): StateStore {
    return isolation === 'latest' ? this.#task.latestStore(name) : this.#task.committedStore(name);
  }

  /** Begins at these positions, by the name of the partition, and creates the nodes. */
  start(positions: ReadonlyMap<string, StartPosition>): void {
    const { limits, plan, guard } = this.#parts;
    const queues = plan.sources.map((place) => {
      const name = placeName(place);
      const { topic, partition } = place;
      const { offset, partitionTimeMs, nodeTimes } = positions.get(name)!;
      if (partitionTimeMs >= 0) this.#task.setPartitionTime(topic, partition, partitionTimeMs);
      for (const [node, timeMs] of nodeTimes) this.#task.metadata.set(node, timeMs);
      const stamp = (raw: InputRecord, timeMs: number) => {
        if (timeMs >= 0) this.#task.setPartitionTime(topic, partition, timeMs);
        return guard.decode(raw, this.#task, this.#parts.outputs);
      };
      this.#committed.set(name, offset);
      const endOffset = limits.endOffsets.get(name);
      return [name, new PartitionQueue({ offset, partitionTimeMs, endOffset }, limits, stamp)] as const;
    });
    this.#inputs = new InputQueues(new Map(queues), limits.maxTaskIdleMs);
    for (const [name, { isAtEnd }] of queues) if (isAtEnd) this.#inputs.setLag(name, 0n);
    this.#task.start();
  }

  /** The positions of the partitions that have room. */
  wanted(): readonly FetchPosition[] {
    return this.plan.sources.flatMap(({ topic, partition }) => {
      const queue = this.#inputs.queues.get(placeName({ topic, partition }));
      return queue === undefined || queue.isFull ? [] : [{ topic, partition, offset: queue.nextOffset }];
    });
  }

  /** Whether everything fetched is committed. */
  get isResting(): boolean {
    return !this.#hasWork && this.#inputs.next() === undefined;
  }

  add(fetched: UndecodedPartition): void {
    const name = placeName(fetched);
    const queue = this.#inputs.queues.get(name);
    if (queue === undefined) return;
    const { skipped, nextOffset } = queue;
    queue.add(inputRecords(fetched.records), fetched.nextOffset);
    // Otherwise the group would lag behind markers and aborted records.
    const hasPassed = queue.headTimeMs === undefined && queue.nextOffset > nextOffset;
    if (queue.skipped > skipped || hasPassed) this.#hasWork = true;
    const end = this.#endOf(fetched);
    if (end >= 0n) this.#inputs.setLag(name, queue.lagTo(end));
  }

  /** The task waits for records up to it, and not for those of open transactions (KIP-695). */
  #endOf({ highWatermark, lastStableOffset }: UndecodedPartition): bigint {
    const { guarantee } = this.#parts.limits;
    return guarantee === 'exactly_once_v2' ? (lastStableOffset ?? highWatermark) : highWatermark;
  }

  isReady(nowMs: number): boolean {
    return !this.#parts.outputs.isFull && this.#inputs.isReady(nowMs);
  }

  /** Processes the record with the lowest time. Call it only if the task is ready. */
  process(): void {
    const queue = this.#inputs.next();
    const raw = queue?.rawHead;
    const record = queue?.take();
    if (record === undefined) return;
    this.#hasWork = true;
    this.#processing = raw;
    this.#task.process(record);
    this.#processing = undefined;
    this.#task.punctuateStreamTime();
  }

  /**
   * Runs the first callback that is due at this time of the clock. Returns false if there is none.
   */
  punctuate(nowMs: number): boolean {
    const hasRun = this.#task.punctuateNext(nowMs);
    if (hasRun) this.#hasWork = true;
    return hasRun;
  }

  /** Returns whether a node has requested a commit since the last call. */
  takeCommitRequest(): boolean {
    return this.#task.takeCommitRequest();
  }

  send(): void {
    this.#parts.outputs.send();
  }

  flushCaches(): void {
    this.#task.flush();
  }

  flushOutputs(): Promise<void> {
    return this.#parts.outputs.flush();
  }

  /**
   * Returns the offsets that have changed since the last commit. If only callbacks have written, it
   * returns all of them: the group then rejects the commit if another process has the task
   * (KIP-447).
   */
  offsets(): readonly OffsetToCommit[] {
    const changed = this.#offsets(false);
    return changed.length === 0 && this.#parts.outputs.hasCollected ? this.#offsets(true) : changed;
  }

  #offsets(isUnchangedWanted: boolean): readonly OffsetToCommit[] {
    const nodeTimes = this.#task.metadata;
    const isWanted = (offset: bigint, name: string) =>
      isUnchangedWanted || nodeTimes.size > 0 || offset !== this.#committed.get(name);
    const changed: OffsetToCommit[] = [];
    for (const { topic, partition } of this.plan.sources) {
      const name = placeName({ topic, partition });
      const queue = this.#inputs.queues.get(name);
      if (queue === undefined) continue;
      const offset = queue.committableOffset;
      if (!isWanted(offset, name)) continue;
      const metadata = encodeOffsetMetadata({ partitionTimeMs: queue.partitionTimeMs, nodeTimes });
      this.#committed.set(name, offset);
      changed.push({ topic, partition, offset, metadata });
    }
    this.#commitsOffsets = changed.length > 0;
    return changed;
  }

  /** The offsets that the task has committed, or at which it has begun. */
  committedOffsets(): readonly PartitionOffset[] {
    return this.plan.sources.flatMap((place) => {
      const offset = this.#committed.get(placeName(place));
      return offset === undefined ? [] : [{ ...place, offset }];
    });
  }

  keepState(): void {
    const { engine, outputs } = this.#parts;
    engine.commit(outputs.changelogOffsets, this.#commitsOffsets);
    this.#keepVolatile(outputs.changelogOffsets);
    outputs.reset();
    this.#hasWork = false;
  }

  giveUp(): void {
    const { engine, outputs } = this.#parts;
    this.#inputs = new InputQueues(new Map(), 0);
    this.#hasWork = false;
    this.#processing = undefined;
    try {
      this.#task.close();
    } finally {
      outputs.reset();
      engine.rollback();
      this.#task = this.#open();
    }
  }

  /** Whether its state can be continued. It cannot after the process was suspended for a day. */
  fits(expected: ExpectedState): boolean {
    return this.#parts.engine.reasonToRefuse(expected) === null;
  }

  /** Closes the task and deletes its state if the state is damaged. Returns whether it was. */
  discardIfCorrupt(): boolean {
    if (!this.#parts.engine.discardIfCorrupt()) return false;
    this.#parts.outputs.reset();
    return true;
  }

  /** Closes the nodes and the files. Uncommitted work is lost. */
  close(): void {
    try {
      this.#task.close();
    } finally {
      this.#parts.engine.close();
    }
  }

  #open(): TopologyTask {
    const { guard, outputs, open } = this.#parts;
    return open({
      onNodeFailure: (failure) => guard.nodeFailed(failure, this.#processing, outputs),
      onEncodingFailure: (failure) => guard.notEncoded(failure, this.#processing, outputs),
    });
  }

  #keepVolatile(offsets: ReadonlyMap<string, bigint>): void {
    for (const [topic, offset] of offsets)
      if (this.#parts.volatile.has(topic)) this.#volatileOffsets.set(topic, offset);
  }
}
