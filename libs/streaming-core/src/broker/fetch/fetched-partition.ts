import type { PartitionLog } from '../../log/partition-log-port.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { FetchRequest, FetchResponse } from '../../protocol/apis/fetch.ts';
import { ProtocolError, errorCodes } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';

export type PartitionResult = FetchResponse['responses'][number]['partitions'][number];

/** Whether the result needs no records: an error, or a diverging log. */
export const isVerdict = ({ errorCode, divergingEpoch }: PartitionResult): boolean =>
  errorCode !== errorCodes.NONE || divergingEpoch !== undefined;

type TopicToRead = Pick<FetchRequest['topics'][number], 'topic' | 'topicId'>;
export type FetchPosition = FetchRequest['topics'][number]['partitions'][number];

const neverTold = -1n;

/**
 * A partition that a client reads, and what the client was last told about it. Lives as long as its
 * request or its fetch session.
 */
export class FetchedPartition {
  /** Empty if the client names the topic by id. */
  readonly topic: string;
  readonly topicId: string;
  position: FetchPosition;
  /** The partition with the lowest turn is read first. */
  turn = 0;
  readonly #onMoved: () => void;
  /** The name of a topic that was found by its id. It never changes. */
  #name: string | undefined;
  #log: PartitionLog | undefined;
  #stopListening: (() => void) | undefined;
  #told = { highWatermark: neverTold, logStartOffset: neverTold };

  /** `onMoved` is called when the log last found has moved or was deleted. */
  constructor({ topic, topicId }: TopicToRead, position: FetchPosition, onMoved: () => void) {
    this.topic = topic;
    this.topicId = topicId;
    this.position = position;
    this.#onMoved = onMoved;
  }

  /**
   * Watches the log from here on. Throws UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, or
   * INCONSISTENT_TOPIC_ID if the topic's name now belongs to another topic.
   */
  findLog(logs: LogManager): PartitionLog {
    const name = this.#resolveName(logs);
    const { partition } = this.position;
    const log = this.#isReplaced(logs) ? undefined : logs.partition(name, partition);
    if (log !== this.#log) this.#listenTo(log);
    if (log !== undefined) return log;
    if (this.#isReplaced(logs))
      throw new ProtocolError('INCONSISTENT_TOPIC_ID', `topic ${name} does not have the id ${this.topicId}`);
    throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}-${partition}`);
  }

  /** The log last found, or undefined if there is none. */
  get log(): PartitionLog | undefined {
    return this.#log;
  }

  /** Whether the next record is written but not on disk yet. */
  get awaitsSync(): boolean {
    const { fetchOffset } = this.position;
    return (
      this.#log !== undefined &&
      fetchOffset >= this.#log.highWatermark &&
      fetchOffset < this.#log.logEndOffset
    );
  }

  /** Whether there are records, an error, or offsets that the client does not know yet. */
  isNews(result: PartitionResult): boolean {
    const { records, highWatermark, logStartOffset } = result;
    if (isVerdict(result) || (records?.length ?? 0) > 0) return true;
    return highWatermark !== this.#told.highWatermark || logStartOffset !== this.#told.logStartOffset;
  }

  /**
   * Remembers the offsets that the client has been told. After an error it is told again, whether
   * or not they have changed.
   */
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

  /** Whether the topic was deleted and recreated under the same name. */
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
