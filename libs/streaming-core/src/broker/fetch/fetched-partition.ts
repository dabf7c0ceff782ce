import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import type { FetchRequest } from '../../protocol/apis/fetch.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import { type PartitionResult, isVerdict } from './partition-result.ts';

type TopicToRead = Pick<FetchRequest['topics'][number], 'topic' | 'topicId'>;
export type FetchPosition = FetchRequest['topics'][number]['partitions'][number];

const neverTold = -1n;

/** A partition that a client reads, and what it was told of it last: for one request, or as long as its fetch session lives. */
export class FetchedPartition {
  /** Empty where the client names the topic by id. */
  readonly topic: string;
  readonly topicId: string;
  position: FetchPosition;
  /** The lowest of a plan is read first. */
  turn = 0;
  readonly #onMoved: () => void;
  /** Of the topic that was found by its id, for good. */
  #name: string | undefined;
  #log: PartitionLog | undefined;
  #stopListening: (() => void) | undefined;
  #told = { highWatermark: neverTold, logStartOffset: neverTold };

  /** `onMoved` is called when the log that was found last has moved or is gone. */
  constructor({ topic, topicId }: TopicToRead, position: FetchPosition, onMoved: () => void) {
    this.topic = topic;
    this.topicId = topicId;
    this.position = position;
    this.#onMoved = onMoved;
  }

  /**
   * Watched from here on. Throws UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION; INCONSISTENT_TOPIC_ID where the topic's name now belongs
   * to another.
   */
  findLog(logs: LogManager): PartitionLog {
    const name = this.#resolveName(logs);
    const { partition } = this.position;
    const log = this.#isReplaced(logs) ? undefined : logs.partition(name, partition);
    if (log !== this.#log) this.#listenTo(log);
    if (log !== undefined) return log;
    if (this.#isReplaced(logs))
      throw new ProtocolError('INCONSISTENT_TOPIC_ID', `topic ${name} has another id than ${this.topicId}`);
    throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}-${partition}`);
  }

  /** Found last; undefined when there was none. */
  get log(): PartitionLog | undefined {
    return this.#log;
  }

  /** Its next record is written, and not on disk yet. */
  get awaitsSync(): boolean {
    const { fetchOffset } = this.position;
    return (
      this.#log !== undefined &&
      fetchOffset >= this.#log.highWatermark &&
      fetchOffset < this.#log.logEndOffset
    );
  }

  /** There are records, an error, or ends that the client does not know yet (S3). */
  isNews(result: PartitionResult): boolean {
    const { records, highWatermark, logStartOffset } = result;
    if (isVerdict(result) || (records?.length ?? 0) > 0) return true;
    return highWatermark !== this.#told.highWatermark || logStartOffset !== this.#told.logStartOffset;
  }

  /** After an error the client is told the partition's ends anew, changed or not. */
  noteTold({ highWatermark, logStartOffset }: PartitionResult): void {
    this.#told = { highWatermark, logStartOffset: logStartOffset ?? neverTold };
  }

  close(): void {
    this.#listenTo(undefined);
  }

  #resolveName(logs: LogManager): string {
    if (this.topicId === zeroUuid) return this.topic;
    this.#name ??= logs.topicById(this.topicId)?.name;
    if (this.#name === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_ID', `there is no topic with id ${this.topicId}`);
    return this.#name;
  }

  /** The topic is gone, and another was made in its name. */
  #isReplaced(logs: LogManager): boolean {
    const found = this.#name === undefined ? undefined : logs.topic(this.#name);
    return found !== undefined && found.topicId !== this.topicId;
  }

  #listenTo(log: PartitionLog | undefined): void {
    this.#stopListening?.();
    this.#log = log;
    this.#stopListening = log?.onMoved(this.#onMoved);
  }
}
