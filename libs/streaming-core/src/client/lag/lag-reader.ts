import { seconds, type DurationMs } from '../../runtime/index.ts';
import { connectAdmin, type Admin } from '../admin/admin.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';
import { LogReader, type ReaderLimits } from '../consumer/log-reader.ts';
import type { PartitionOffset } from '../consumer/offset-lookup.ts';
import { checkedOptions, optionsOf, span, type OptionSchemas } from '../connection/options.ts';
import { stayAlive } from '../stay-alive.ts';
import type { FetchedPartition } from '../fetched-records.ts';
import type { OffsetForTime, PartitionTime, TopicIdentity, TopicPartition } from '../topic-partition.ts';

/** The number of remembered positions after which all are forgotten. */
const positionsMax = 10_000;
/**
 * The most partitions to fetch one by one, because their next batch is larger than a common fetch
 * returns for each.
 */
const askedAloneMax = 16;

/** A position with the id of its topic, because a recreated topic has the same name. */
interface NextPosition extends PartitionOffset {
  readonly topicId: string;
}

/**
 * Finds the timestamps of the records at given positions. It fetches each position once, so it
 * fetches nothing for a group that has not moved since the last look.
 */
class NextRecordTimes {
  readonly #reader: Pick<LogReader, 'fetch'>;
  readonly #times = new Map<string, number>();

  constructor(reader: Pick<LogReader, 'fetch'>) {
    this.#reader = reader;
  }

  /**
   * Requires a record at or after every position. Returns Unix times in milliseconds, or undefined
   * where the log returned no record.
   */
  async of(positions: readonly NextPosition[]): Promise<readonly (number | undefined)[]> {
    const unknown = () => positions.filter((position) => !this.#times.has(nameOf(position)));
    if (unknown().length > 0) this.#remember(unknown(), await this.#reader.fetch(unknown(), 'all'));
    // In a fetch of several partitions, the broker truncates a batch that is too large. In a fetch
    // of one partition, it returns the batch whole.
    for (const position of unknown().slice(0, askedAloneMax))
      this.#remember([position], await this.#reader.fetch([position], 'all'));
    const times = positions.map((position) => this.#times.get(nameOf(position)));
    if (this.#times.size > positionsMax) this.#times.clear();
    return times;
  }

  #remember(positions: readonly NextPosition[], fetched: readonly FetchedPartition[]): void {
    for (const position of positions) {
      const answer = fetched.find(
        ({ topic, partition }) => topic === position.topic && partition === position.partition,
      );
      const [next] = answer?.records ?? [];
      if (next !== undefined) this.#times.set(nameOf(position), next.timestampMs);
    }
  }
}

const nameOf = ({ topicId, partition, offset }: NextPosition): string => `${topicId} ${partition} ${offset}`;

/** How far a group is behind the end of one partition. */
export interface PartitionLag extends TopicPartition {
  /** The offset that the group reads next. */
  readonly committedOffset: bigint;
  readonly endOffset: bigint;
  /**
   * The number of offsets between the two. In a compacted or transactional topic some of them have
   * no record.
   */
  readonly lag: bigint;
  /**
   * The age of the record that the group reads next. It is 0 without lag, and absent if the log did
   * not report it.
   */
  readonly lagMs?: DurationMs;
}

export interface LagReaderOptions extends ConnectionOptions {
  /** How long a request is retried while no broker answers. */
  readonly operationTimeoutMs?: DurationMs;
}

/** Reads the lag of groups without joining them. Every operation rejects with `ClientError`. */
export interface LagReader {
  /**
   * Returns the lag by the offsets that the group has committed to the log, as Kafka's own tool
   * shows it. A partition without a commit is left out, because only the group's members know where
   * they would begin.
   */
  ofGroup(groupId: string): Promise<readonly PartitionLag[]>;
  /**
   * Returns the lag by offsets that are stored elsewhere. Partitions that do not exist on the log
   * are left out. Identifies the topics, unless the caller has just done so.
   */
  ofOffsets(
    offsets: readonly PartitionOffset[],
    identified?: ReadonlyMap<string, TopicIdentity>,
  ): Promise<readonly PartitionLag[]>;
  /** Identifies the topics that exist. */
  identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /** Asks the log for the first offsets that it still holds. */
  beginningOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /** Returns undefined for partitions without a record of that time or later. */
  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>>;
  /**
   * Counts the offsets of each topic that exists, from the first one held to the end. That is the
   * number of records, unless the topic is compacted (offsets of removed records count) or written
   * in transactions (markers and aborted records count).
   */
  offsetsHeld(topics: readonly string[]): Promise<ReadonlyMap<string, bigint>>;
  close(): Promise<void>;
}

const lagReaderOptions = optionsOf({
  ...connectionSchemas,
  operationTimeoutMs: span.optional(),
} satisfies OptionSchemas<LagReaderOptions>);

/**
 * Creates a reader of lag that connects at its first call. Throws `settings_refused` for options
 * that cannot work. `operationTimeoutMs` is 5 seconds by default.
 */
export function connectLagReader(options: LagReaderOptions): LagReader {
  const settings = connectionSettings(checkedOptions(lagReaderOptions, options));
  return new GroupLagReader({ operationTimeoutMs: seconds(5), ...settings });
}

interface LagReaderSettings extends ConnectionSettings {
  readonly operationTimeoutMs: DurationMs;
}

class GroupLagReader implements LagReader {
  readonly #settings: LagReaderSettings;
  readonly #admin: Admin;
  readonly #brokers: BrokerClient;
  readonly #reader: LogReader;
  readonly #nextTimes: NextRecordTimes;

  constructor(settings: LagReaderSettings) {
    this.#settings = settings;
    this.#admin = connectAdmin(settings);
    this.#brokers = new BrokerClient(settings);
    const limits: ReaderLimits = {
      fetchMaxWaitMs: 1,
      isolation: 'read_uncommitted',
      fetchMaxBytes: 2 * 1024 * 1024,
      fetchMaxBytesPerPartition: 32 * 1024, // only the first record's time is needed
      fetchConnectionsMax: 1,
      operationTimeoutMs: settings.operationTimeoutMs,
    };
    this.#reader = new LogReader({ ...settings, ...limits }, this.#brokers);
    this.#nextTimes = new NextRecordTimes(this.#reader);
  }

  async ofGroup(groupId: string): Promise<readonly PartitionLag[]> {
    return this.ofOffsets(await this.#admin.committedOffsets(groupId));
  }

  /** Requests the ends after the offsets were read, so that no end lies before its offset. */
  async ofOffsets(
    offsets: readonly PartitionOffset[],
    identified?: ReadonlyMap<string, TopicIdentity>,
  ): Promise<readonly PartitionLag[]> {
    const topics = identified ?? (await this.identify([...new Set(offsets.map(({ topic }) => topic))]));
    const known = offsets.filter(({ topic, partition }) => partition < (topics.get(topic)?.partitions ?? 0));
    const ends = await this.endOffsets(known);
    const lags = known.map(({ offset: committedOffset, ...at }, index): PartitionLag => {
      const endOffset = ends[index]?.offset ?? committedOffset;
      return {
        ...at,
        committedOffset,
        endOffset,
        lag: endOffset > committedOffset ? endOffset - committedOffset : 0n,
      };
    });
    return this.#withTimes(lags, topics);
  }

  async identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>> {
    if (topics.length === 0) return new Map();
    const { clock, operationTimeoutMs } = this.#settings;
    const deadline = clock.monotonic() + operationTimeoutMs;
    return stayAlive(
      this.#brokers.persistently(`identifying ${topics.join(', ')}`, deadline, () =>
        // Pins the ids that fetches use, so that a recreated topic counts as another topic from
        // here on.
        this.#reader.identifyFound(topics),
      ),
    );
  }

  beginningOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return stayAlive(this.#reader.lookup.beginnings(partitions));
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    return stayAlive(this.#reader.lookup.ends(partitions));
  }

  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>> {
    return stayAlive(this.#reader.lookup.forTimes(times));
  }

  /** Requests the beginnings only of partitions that were written, which few dead-letter topics are. */
  async offsetsHeld(topics: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
    const partitions = [...(await this.identify(topics))].flatMap(([topic, identity]) =>
      partitionsOf(topic, identity),
    );
    const ends = await this.endOffsets(partitions);
    const written = ends.filter(({ offset }) => offset > 0n);
    const beginnings = await this.beginningOffsets(written);
    const held = new Map(ends.map(({ topic }) => [topic, 0n]));
    for (const [index, { topic, offset: end }] of written.entries()) {
      const beginning = beginnings[index]?.offset ?? end;
      // Records may have been deleted beyond that end in the meantime.
      if (beginning < end) held.set(topic, (held.get(topic) ?? 0n) + end - beginning);
    }
    return held;
  }

  async close(): Promise<void> {
    this.#brokers.close();
    await this.#admin.close();
  }

  async #withTimes(
    lags: readonly PartitionLag[],
    topics: ReadonlyMap<string, TopicIdentity>,
  ): Promise<readonly PartitionLag[]> {
    const behind = lags.filter(({ lag }) => lag > 0n);
    const positions = behind.map(({ topic, partition, committedOffset: offset }) => {
      return { topic, partition, offset, topicId: topics.get(topic)?.topicId ?? '' };
    });
    const times = new Map((await this.#nextTimes.of(positions)).map((time, index) => [behind[index], time]));
    const now = this.#settings.clock.now();
    return lags.map((lag) => {
      const time = lag.lag === 0n ? now : times.get(lag);
      return time === undefined ? lag : { ...lag, lagMs: Math.max(0, now - time) };
    });
  }
}

/** Lists the partitions of a topic. */
export const partitionsOf = (topic: string, { partitions }: TopicIdentity): readonly TopicPartition[] =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
