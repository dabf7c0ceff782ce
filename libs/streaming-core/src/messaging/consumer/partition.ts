import { pause } from '../../runtime/index.ts';
import type {
  FetchedPartition,
  FetchPosition,
  GroupConsumer,
  OffsetToCommit,
  TopicIdentity,
  TopicPartition,
} from '../../client/index.ts';
import { ConsumerError, type FencedError, isBlocked } from './consumer-error.ts';
import { startOffset } from './consumer-start.ts';
import { retryDelay } from './limits.ts';
import {
  refuseOutside,
  takeOffset,
  type TakenOffset,
  offsetNote,
  refuseOlderDatabase,
} from './offset-store.ts';
import { Ownership, type OwnershipListener } from './ownership.ts';
import { loadParkedKeys } from './parked-store.ts';
import type { ParkingStatus } from './parking.ts';
import { PartitionWorker, type WorkerEnvironment } from './partition-worker.ts';
import { RecordBuffer } from './record-buffer.ts';

export interface PartitionOptions extends WorkerEnvironment {
  readonly group: string;
  readonly consumer: GroupConsumer;
  readonly listeners: readonly OwnershipListener[];
  /** Called when the partition can be fetched or has committed. */
  readonly onChange: () => void;
  /**
   * Called when another process owns the partition or the log has changed. The runtime should leave
   * the group and join again.
   */
  readonly onFenced: (error: Error) => void;
  /**
   * Called when a timer of this partition number waits for messages that have not been handled, of
   * any topic.
   */
  readonly onBehind: (partition: number) => void;
}

/**
 * - `opening`: its offset is not yet taken and checked.
 * - `refused`: its offset does not fit the log, or the database is older than the log.
 * - `blocked`: a handler has reported that this process cannot handle the next message.
 * - `checking`: a fetch was rejected, and its offset is compared with the log again.
 * - `closed`: it was revoked or fenced.
 */
export type PartitionState = 'opening' | 'open' | 'blocked' | 'checking' | 'refused' | 'closed';

export interface PartitionStatus extends TopicPartition {
  readonly state: PartitionState;
  /** The committed offset. It is absent until it is known. */
  readonly nextOffset?: bigint;
  readonly epoch?: bigint;
  /** Absent until the partition is open. */
  readonly parking?: ParkingStatus;
  readonly failure?: Error;
}

interface Open extends Pick<TakenOffset, 'row' | 'storeId'> {
  readonly buffer: RecordBuffer;
  readonly worker: PartitionWorker;
  readonly ownership: Ownership;
}

/** A partition from its assignment to its revocation. */
export class Partition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #options: PartitionOptions;
  readonly #closing = new AbortController();
  readonly #opening: Promise<void>;
  #open: Open | undefined;
  #state: PartitionState = 'opening';
  #failure: Error | undefined;
  #checking: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  /**
   * Whether the first attempt to open has ended. Fetching waits for this in all partitions, so that
   * one long poll covers them.
   */
  settled = false;
  fetching = false;

  constructor({ topic, partition }: TopicPartition, options: PartitionOptions) {
    this.topic = topic;
    this.partition = partition;
    this.#options = options;
    this.#opening = this.#openWithRetries();
  }

  get status(): PartitionStatus {
    const failure = this.#failure ?? this.#open?.worker.failure;
    return {
      topic: this.topic,
      partition: this.partition,
      state: this.#state === 'open' && isBlocked(failure) ? 'blocked' : this.#state,
      nextOffset: this.#open?.buffer.position,
      epoch: this.#open?.row.epoch,
      parking: this.#open?.worker.parkingStatus,
      failure,
    };
  }

  /**
   * The committed offset, in the form in which it is committed to the broker. Undefined until the
   * partition is open.
   */
  get offsetToCommit(): OffsetToCommit | undefined {
    if (this.#open === undefined) return undefined;
    const { buffer, row, storeId } = this.#open;
    const { topic, partition } = this;
    return { topic, partition, offset: buffer.position, metadata: offsetNote(storeId, row.identity) };
  }

  /** The position to fetch from, if the partition is open and its buffer has room. */
  get wanted(): Required<FetchPosition> | undefined {
    const { bufferMessagesMax, bufferBytesMax } = this.#options.limits;
    if (this.#state !== 'open' || this.#open === undefined || this.fetching) return undefined;
    const { buffer, row } = this.#open;
    if (buffer.records >= bufferMessagesMax || buffer.bytes >= bufferBytesMax) return undefined;
    return {
      topic: this.topic,
      partition: this.partition,
      offset: buffer.fetchedTo,
      topicId: row.identity.topicId,
    };
  }

  /**
   * Takes the answer to a fetch from `from`. `answer` is undefined if the fetch succeeded without
   * an answer for this partition.
   */
  accept(from: bigint, answer: FetchedPartition | undefined): void {
    if (this.#state !== 'open' || this.#open === undefined) return;
    if (answer?.error !== undefined) return this.#fetchRefused(answer.error);
    this.#options.reports.succeeded('partition', this);
    this.#open.ownership.healthy();
    if (answer === undefined || answer.nextOffset <= from) return;
    this.#open.buffer.accept(from, answer.records, answer.nextOffset);
    this.#open.worker.wake();
  }

  disrupted(): void {
    this.#open?.ownership.disrupted();
  }

  /** Moves the offset past records without a handler that wait for one with a handler. */
  hurry(): void {
    this.#open?.worker.hurry();
  }

  /**
   * Waits for the batch in flight and for the owner's other transactions. No new transaction starts
   * after the call.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#state = 'closed';
    this.#closing.abort(); // stops further attempts to open
    // This comes before the wait for the check, which may outlast the next assignment.
    const lost = this.#open?.ownership.lost();
    await Promise.allSettled([this.#opening, this.#checking]);
    await Promise.all([this.#open?.worker.idle(), lost]);
    this.#options.reports.left(this);
  }

  async #openWithRetries(): Promise<void> {
    const { limits, clock, reports, onChange } = this.#options;
    for (let failures = 1; !this.#closing.signal.aborted; failures += 1) {
      let delayMs = retryDelay(limits, failures);
      try {
        return await this.#takeOver();
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        if (error instanceof ConsumerError && error.code === 'offset_refused') {
          if (!this.#closing.signal.aborted) this.#state = 'refused';
          reports.refused(error, this);
          delayMs = limits.refusedRetryMs;
        } else reports.retrying(error, 'opening', this);
      } finally {
        this.settled = true;
        onChange();
      }
      await pause(clock, delayMs, this.#closing.signal);
    }
  }

  async #takeOver(): Promise<void> {
    const { database, group, consumer } = this.#options;
    const signal = this.#closing.signal;
    const { identity, beginning } = await this.#lookAtLog();
    const start = await startOffset(this.#options, this, identity, beginning);
    if (signal.aborted) return;
    const taken = await takeOffset(database, group, this, identity, start);
    const { row, nextOffset, storeId } = taken;
    const [end, [committed]] = await Promise.all([this.#end(), consumer.committed([this])]);
    refuseOutside(row, nextOffset, beginning, end);
    refuseOlderDatabase(taken, committed, end);
    const parkedKeys = await loadParkedKeys(database, row);
    if (signal.aborted) return;
    this.#failure = undefined;
    this.#state = 'open';
    const buffer = new RecordBuffer(nextOffset);
    const onFenced = (error: FencedError) => this.#leave(error);
    const onBehind = () => this.#options.onBehind(this.partition);
    const ownership = new Ownership({ ...this.#options, row, signal, onFenced, onBehind });
    const worker = new PartitionWorker({
      ...this.#options,
      row,
      buffer,
      parkedKeys,
      signal,
      onFenced,
      onAdvanced: this.#options.onChange,
    });
    this.#open = { row, storeId, buffer, worker, ownership };
    this.#options.reports.succeeded('opening', this);
    ownership.healthy();
    worker.wake();
  }

  async #lookAtLog(): Promise<{ identity: TopicIdentity; beginning: bigint }> {
    const { consumer } = this.#options;
    const identity = (await consumer.identify([this.topic])).get(this.topic);
    const [first] = await consumer.beginningOffsets([this]);
    if (identity === undefined || first === undefined)
      throw new Error(`the log does not know ${this.topic}-${this.partition}`);
    return { identity, beginning: first.offset };
  }

  async #end(): Promise<bigint> {
    const [end] = await this.#options.consumer.endOffsets([this]);
    if (end === undefined)
      throw new Error(`the log does not know the end of ${this.topic}-${this.partition}`);
    return end.offset;
  }

  #fetchRefused(error: Error): void {
    this.#failure = error;
    this.#state = 'checking';
    this.disrupted();
    this.#options.reports.retrying(error, 'partition', this);
    this.#checking = this.#check();
  }

  /** Retries while the leader is missing, but gives up the partition if the log has changed. */
  async #check(): Promise<void> {
    const { limits, clock, reports, onChange } = this.#options;
    const signal = this.#closing.signal;
    for (let failures = 1; this.#open !== undefined && !signal.aborted; failures += 1) {
      await pause(clock, retryDelay(limits, failures), signal);
      try {
        const { identity, beginning } = await this.#lookAtLog();
        const { row, buffer } = this.#open;
        if (identity.topicId !== row.identity.topicId || identity.clusterId !== row.identity.clusterId)
          return this.#leave(new Error(`${this.topic} was deleted and recreated`));
        refuseOutside(row, buffer.fetchedTo, beginning, await this.#end());
        if (signal.aborted) return;
        this.#failure = undefined;
        this.#state = 'open';
        return onChange();
      } catch (error) {
        if (error instanceof ConsumerError) return this.#leave(error);
        reports.retrying(error, 'partition', this);
      }
    }
  }

  /** Stops all work for the partition, and makes the runtime leave the group and join again. */
  #leave(error: Error): void {
    if (this.#closing.signal.aborted) return;
    this.#failure = error;
    this.#state = 'closed';
    this.#closing.abort();
    this.#options.onFenced(error);
  }
}
