import type { FetchRequest, FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import {
  FetchedPartition,
  isVerdict,
  type PartitionResult,
  readableEnd,
  readPartition,
} from './partition-reads.ts';

/** A poll that waits for records. */
interface WaitingPoll {
  /** Called when a partition has become due. */
  readonly onDue: () => void;
  /** Called when the plan serves another poll, or has ended. */
  readonly onTakenOver: () => void;
}

/**
 * The condition that a poll waits for:
 * - `enough`: until there is enough to answer.
 * - `sync`: only for a sync in progress, if there is nothing to answer with before it ends.
 * - `nothing`: the answer is sent now.
 */
export type WaitsFor = 'enough' | 'sync' | 'nothing';

type Results = Map<FetchedPartition, PartitionResult>;
type AnsweredTopics = FetchResponse['responses'];
type Changes = Pick<FetchRequest, 'topics' | 'forgottenTopicsData'>;

/** The limits of one attempt to read. */
type AttemptLimits = Pick<FetchRequest, 'maxBytes' | 'minBytes' | 'isolationLevel'>;

/**
 * The partitions of a Fetch or a fetch session, and which of them are due to be read: those whose
 * position or log has moved, and those that had more than fitted. The others are at their end, so
 * the cost of a wake-up depends on what has changed, not on the number of partitions. A partition
 * that was served goes behind those that still wait.
 */
export class FetchPlan {
  readonly #services: BrokerServices;
  readonly #topics = new Map<string, Map<number, FetchedPartition>>();
  /** The partitions in the order in which they were first named. */
  readonly #partitions = new Set<FetchedPartition>();
  readonly #due = new Set<FetchedPartition>();
  /**
   * The number of bytes found by earlier attempts that were not enough to answer. The records
   * themselves are not kept.
   */
  readonly #found = new Map<FetchedPartition, number>();
  #turns = 0;
  #waiting: WaitingPoll | undefined;

  constructor(services: BrokerServices) {
    this.#services = services;
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** Applies the changes that a request names: new or moved positions, and partitions to forget. */
  change({ topics, forgottenTopicsData }: Changes): void {
    for (const topic of topics) for (const position of topic.partitions) this.#place(topic, position);
    for (const topic of forgottenTopicsData)
      for (const partition of topic.partitions) this.#forget(topic, partition);
  }

  /**
   * Reads what is due. Returns the answer when there are `minBytes`, an error, or no partitions at
   * all, and on the last attempt. Returns undefined while the poll has to wait.
   *
   * With `everything`, the answer includes partitions without news. Reads nothing while the answers
   * of all connections leave no room, because many polls may become due at the same moment, each
   * with a large answer.
   */
  attempt(
    limits: AttemptLimits,
    { waitsFor, everything }: { readonly waitsFor: WaitsFor; readonly everything: boolean },
  ): AnsweredTopics | undefined {
    const results: Results = new Map();
    const { hasRoom } = this.#services.unsent;
    if (waitsFor !== 'enough') this.#lookAtAll(limits);
    if (hasRoom) this.#readDue(results, limits);
    const waits = waitsFor === 'enough' || (waitsFor === 'sync' && this.#awaitsSync(results));
    if (waits && !this.#isEnough(results, limits)) {
      this.#keepForLater(results);
      return undefined;
    }
    for (const partition of this.#found.keys()) this.#due.add(partition);
    this.#found.clear();
    if (hasRoom) this.#readDue(results, limits);
    this.#services.unsent.foresee(bytesIn(results));
    return this.#answer(results, limits, everything);
  }

  /**
   * Registers the poll to wake, and tells the previous one that it was replaced. With undefined, no
   * poll is registered.
   */
  serve(poll: WaitingPoll | undefined): void {
    const former = this.#waiting;
    this.#waiting = poll;
    former?.onTakenOver();
  }

  release(poll: WaitingPoll): void {
    if (this.#waiting === poll) this.#waiting = undefined;
  }

  close(): void {
    this.serve(undefined);
    for (const partition of this.#partitions) partition.close();
  }

  #place(topic: Changes['topics'][number], position: FetchedPartition['position']): void {
    const key = keyOf(topic);
    const partitions = this.#topics.get(key) ?? new Map<number, FetchedPartition>();
    this.#topics.set(key, partitions);
    const known = partitions.get(position.partition);
    if (known !== undefined) known.position = position;
    const partition = known ?? new FetchedPartition(topic, position, () => this.#becomeDue(partition));
    if (known === undefined) partition.turn = this.#nextTurn();
    partitions.set(position.partition, partition);
    this.#partitions.add(partition);
    this.#due.add(partition);
  }

  #forget(topic: Changes['forgottenTopicsData'][number], index: number): void {
    const partitions = this.#topics.get(keyOf(topic));
    const partition = partitions?.get(index);
    if (partitions === undefined || partition === undefined) return;
    partition.close();
    this.#due.delete(partition);
    this.#found.delete(partition);
    partitions.delete(index);
    if (partitions.size === 0) this.#topics.delete(keyOf(topic));
    this.#partitions.delete(partition);
  }

  #becomeDue(partition: FetchedPartition): void {
    this.#due.add(partition);
    this.#waiting?.onDue();
  }

  /**
   * Whether there is nothing to answer with yet, but there will be when a sync in progress ends.
   * Records that acks=1 has acknowledged are not below the high watermark until then.
   */
  #awaitsSync(results: Results): boolean {
    if (this.#bytesFound(results) > 0) return false;
    for (const partition of this.#partitions) if (partition.awaitsSync) return true;
    return false;
  }

  /** The number of bytes found in this attempt and in earlier ones. */
  #bytesFound(results: Results): number {
    let bytes = bytesIn(results);
    for (const found of this.#found.values()) bytes += found;
    return bytes;
  }

  /** Looks at every log itself, because its listeners are only called in a later turn. */
  #lookAtAll(limits: AttemptLimits): void {
    for (const partition of this.#partitions) if (!isAtEnd(partition, limits)) this.#due.add(partition);
  }

  #readDue(results: Results, limits: AttemptLimits): void {
    const { logs, logger, buffers, nodeId } = this.#services;
    const bytesMax = this.#bytesMax(limits);
    let bytes = bytesIn(results);
    for (const partition of [...this.#due].sort(byTurn)) {
      if (results.has(partition)) continue;
      const room = { bytesMax: bytesMax - bytes, first: bytes === 0 };
      const result = readPartition(partition, { request: limits, logs, logger, buffers, nodeId, ...room });
      results.set(partition, result);
      bytes += result.records?.length ?? 0;
      this.#found.delete(partition);
      if (!isServed(result) && isAtEnd(partition, limits)) this.#due.delete(partition);
    }
  }

  #isEnough(results: Results, { minBytes }: AttemptLimits): boolean {
    if (this.size === 0) return true;
    for (const result of results.values()) if (isVerdict(result)) return true;
    return this.#bytesFound(results) >= minBytes;
  }

  #keepForLater(results: Results): void {
    for (const [partition, result] of results) {
      if (!partition.isNews(result)) continue;
      this.#found.set(partition, result.records?.length ?? 0);
      this.#due.delete(partition);
      if (result.records) this.#services.buffers.give(result.records);
    }
  }

  #answer(results: Results, limits: AttemptLimits, everything: boolean): AnsweredTopics {
    const { logs, logger, buffers, nodeId } = this.#services;
    const nothing = { request: limits, logs, logger, buffers, nodeId, bytesMax: 0, first: false };
    const told: Told[] = [];
    for (const partition of everything ? this.#partitions : [...results.keys()].sort(byTurn)) {
      const result = results.get(partition) ?? readPartition(partition, nothing);
      if (!everything && !partition.isNews(result)) continue;
      partition.noteTold(result);
      told.push({ partition, result });
    }
    const inOrder = [...told].sort((a, b) => placeInAnswer(a) - placeInAnswer(b));
    for (const { partition, result } of inOrder)
      if (everything || (result.records?.length ?? 0) > 0) partition.turn = this.#nextTurn();
    return inRuns(inOrder);
  }

  #nextTurn(): number {
    this.#turns += 1;
    return this.#turns;
  }

  #bytesMax({ maxBytes }: AttemptLimits): number {
    return Math.min(Math.max(maxBytes, 0), this.#services.limits.fetchBytesMax);
  }
}

const keyOf = ({ topic, topicId }: Pick<FetchedPartition, 'topic' | 'topicId'>): string =>
  topic === '' ? topicId : topic;

interface Told {
  readonly partition: FetchedPartition;
  readonly result: PartitionResult;
}

/**
 * Lists the partitions in runs as Apache Kafka does: a topic appears again after partitions of
 * another topic.
 */
function inRuns(told: readonly Told[]): AnsweredTopics {
  const runs: Array<{ topic: string; topicId: string; partitions: PartitionResult[] }> = [];
  for (const { partition, result } of told) {
    const last = runs.at(-1);
    if (last !== undefined && keyOf(last) === keyOf(partition)) last.partitions.push(result);
    else runs.push({ topic: partition.topic, topicId: partition.topicId, partitions: [result] });
  }
  return runs;
}

/** Unknown topic ids come after the partitions that exist, and unknown partitions come last. */
function placeInAnswer({ result: { errorCode } }: Told): number {
  if (errorCode === errorCodes.UNKNOWN_TOPIC_OR_PARTITION) return 2;
  return errorCode === errorCodes.UNKNOWN_TOPIC_ID ? 1 : 0;
}

const byTurn = (a: FetchedPartition, b: FetchedPartition): number => a.turn - b.turn;

const isServed = (result: PartitionResult): boolean => isVerdict(result) || (result.records?.length ?? 0) > 0;

function bytesIn(results: Results): number {
  let bytes = 0;
  for (const { records } of results.values()) bytes += records?.length ?? 0;
  return bytes;
}

/** Whether the client has read everything. Otherwise, no more records fitted into the answer. */
const isAtEnd = ({ log, position }: FetchedPartition, limits: AttemptLimits): boolean =>
  log !== undefined && position.fetchOffset >= readableEnd(log, limits);
