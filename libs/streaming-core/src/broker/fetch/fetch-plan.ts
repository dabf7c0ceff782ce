import type { FetchRequest, FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { FetchedPartition } from './fetched-partition.ts';
import { isVerdict, type PartitionResult } from './partition-result.ts';
import { readableEnd, readPartition } from './partition-reads.ts';

/** A poll that waits for more. */
export interface WaitingPoll {
  /** A partition has become due. */
  readonly onDue: () => void;
  /** The plan serves another poll, or has ended. */
  readonly onTakenOver: () => void;
}

/** What a poll waits for: enough; no more than the sync under way, where there is nothing yet that it could be answered with; nothing. */
export type WaitsFor = 'enough' | 'sync' | 'nothing';

type Results = Map<FetchedPartition, PartitionResult>;
type AnsweredTopics = FetchResponse['responses'];
type Changes = Pick<FetchRequest, 'topics' | 'forgottenTopicsData'>;

/** What one attempt may read. */
export type AttemptLimits = Pick<FetchRequest, 'maxBytes' | 'minBytes' | 'isolationLevel'>;

/**
 * The partitions of a Fetch, or of a fetch session, and which of them are due to be read: those whose position or log moved, or that held more
 * than fitted. The others are at their end, so that a wake-up costs what has changed, not what there is. Who was served goes behind those
 * who still wait (F4).
 */
export class FetchPlan {
  readonly #services: BrokerServices;
  readonly #topics = new Map<string, Map<number, FetchedPartition>>();
  /** In the order in which they were first named. */
  readonly #partitions = new Set<FetchedPartition>();
  readonly #due = new Set<FetchedPartition>();
  /** Read while there was not enough to answer: the bytes found. The records themselves are not kept. */
  readonly #found = new Map<FetchedPartition, number>();
  #turns = 0;
  #waiting: WaitingPoll | undefined;

  constructor(services: BrokerServices) {
    this.#services = services;
  }

  get size(): number {
    return this.#partitions.size;
  }

  /** Takes over what a request names: positions that are new or have moved, and partitions that it forgets. */
  change({ topics, forgottenTopicsData }: Changes): void {
    for (const topic of topics) for (const position of topic.partitions) this.#place(topic, position);
    for (const topic of forgottenTopicsData)
      for (const partition of topic.partitions) this.#forget(topic, partition);
  }

  /**
   * Reads what is due. The answer as soon as there are `minBytes`, an error, or nothing at all to read (F1), or when it is the last attempt;
   * undefined while it has to wait. `everything`: partitions without news are part of the answer too. Reads nothing while the answers of all
   * connections leave no room: many polls may become due in one moment, and each may ask for all there is.
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

  /** One poll at a time: who waited before is told. Undefined: nobody waits from here on. */
  serve(poll: WaitingPoll | undefined): void {
    const former = this.#waiting;
    this.#waiting = poll;
    former?.onTakenOver();
  }

  /** The poll has its answer and waits no longer. */
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

  /** There is nothing to answer with yet, and there will be when a sync that is under way ends: what acks=1 has acknowledged is still below no high watermark. */
  #awaitsSync(results: Results): boolean {
    if (this.#bytesFound(results) > 0) return false;
    for (const partition of this.#partitions) if (partition.awaitsSync) return true;
    return false;
  }

  /** In this attempt, and in those before it. */
  #bytesFound(results: Results): number {
    let bytes = bytesIn(results);
    for (const found of this.#found.values()) bytes += found;
    return bytes;
  }

  /** A log that has moved tells its listeners in a later turn. */
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

/** As Apache Kafka lists them: a topic stands as often as others come between its partitions. */
function inRuns(told: readonly Told[]): AnsweredTopics {
  const runs: Array<{ topic: string; topicId: string; partitions: PartitionResult[] }> = [];
  for (const { partition, result } of told) {
    const last = runs.at(-1);
    if (last !== undefined && keyOf(last) === keyOf(partition)) last.partitions.push(result);
    else runs.push({ topic: partition.topic, topicId: partition.topicId, partitions: [result] });
  }
  return runs;
}

/** Topics that are not there are told behind all that is, and behind them partitions of which only the topic is. */
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

/** There is nothing left for the client, as opposed to nothing that fits. */
const isAtEnd = ({ log, position }: FetchedPartition, limits: AttemptLimits): boolean =>
  log !== undefined && position.fetchOffset >= readableEnd(log, limits);
