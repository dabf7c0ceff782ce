import type { GroupCoordinator } from '../coordinators/groups/group-coordinator.ts';
import type { PartitionLog } from '../log/partition-log-port.ts';
import type { LogManager } from '../log/log-manager.ts';

/**
 * Cumulative counts per upper bound, in the form that Prometheus expects. Times are in
 * milliseconds.
 */
export interface DurationCounts {
  readonly boundsMs: readonly number[];
  /**
   * The number of observations up to each bound. `count` also includes those beyond the last bound.
   */
  readonly cumulative: readonly number[];
  readonly sumMs: number;
  readonly count: number;
}

const boundsMs = Object.freeze([0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000]);

/** A histogram for the request path, with one addition per observation. */
export class DurationHistogram {
  readonly #counts = new Float64Array(boundsMs.length);
  #sumMs = 0;
  #count = 0;

  observe(durationMs: number): void {
    this.#sumMs += durationMs;
    this.#count += 1;
    for (let index = 0; index < boundsMs.length; index += 1) {
      if (durationMs > boundsMs[index]!) continue;
      this.#counts[index]! += 1;
      return;
    }
  }

  read(): DurationCounts {
    let below = 0;
    const cumulative = Array.from(this.#counts, (count) => (below += count));
    return { boundsMs, cumulative, sumMs: this.#sumMs, count: this.#count };
  }
}

/** Counts since the start of the broker. */
interface TopicTraffic {
  readonly recordsIn: number;
  /** Bytes of record batches as they were sent, compressed or not. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

interface TrafficCounts {
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /**
   * The time from the start of the work until the answer is handed to the socket, including the
   * waits of long polls and joins.
   */
  readonly requests: ReadonlyMap<string, DurationCounts>;
  /** Topics that were written or read. */
  readonly topics: ReadonlyMap<string, TopicTraffic>;
  /** Syncs of log files to disk. */
  readonly flushes: DurationCounts;
}

const noTraffic: TopicTraffic = Object.freeze({ recordsIn: 0, bytesIn: 0, bytesOut: 0 });

/** Counts the traffic of a broker, to be read on request. */
export class BrokerTraffic {
  readonly #requests = new Map<string, DurationHistogram>();
  readonly #topics = new Map<string, { -readonly [K in keyof TopicTraffic]: number }>();
  readonly #flushes = new DurationHistogram();
  #bytesReceived = 0;
  #bytesSent = 0;

  received(bytes: number): void {
    this.#bytesReceived += bytes;
  }

  sent(bytes: number): void {
    this.#bytesSent += bytes;
  }

  answered(api: string, durationMs: number): void {
    const known = this.#requests.get(api) ?? new DurationHistogram();
    this.#requests.set(api, known);
    known.observe(durationMs);
  }

  produced(topic: string, { records, bytes }: { readonly records: number; readonly bytes: number }): void {
    const counts = this.#of(topic);
    counts.recordsIn += records;
    counts.bytesIn += bytes;
  }

  fetched(topic: string, bytes: number): void {
    if (bytes > 0) this.#of(topic).bytesOut += bytes;
  }

  flushed(durationMs: number): void {
    this.#flushes.observe(durationMs);
  }

  read(): TrafficCounts {
    return {
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
      requests: new Map([...this.#requests].map(([api, durations]) => [api, durations.read()])),
      topics: new Map([...this.#topics].map(([topic, counts]) => [topic, { ...counts }])),
      flushes: this.#flushes.read(),
    };
  }

  #of(topic: string) {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const counts = { ...noTraffic };
    this.#topics.set(topic, counts);
    return counts;
  }
}

interface PartitionStatistics {
  readonly topic: string;
  readonly partition: number;
  readonly logStartOffset: bigint;
  readonly highWatermark: bigint;
  readonly sizeBytes: number;
}

interface GroupStatistics {
  readonly groupId: string;
  readonly state: string;
  readonly members: number;
  /**
   * The number of records in each partition that the group has not consumed yet, which
   * `kafka-consumer-groups --describe` calls LAG.
   */
  readonly lags: ReadonlyArray<{
    readonly topic: string;
    readonly partition: number;
    readonly committedOffset: bigint;
    readonly lag: bigint;
  }>;
}

/** The state of a broker at one moment. */
export interface BrokerStatistics extends TrafficCounts {
  readonly connections: number;
  readonly partitions: readonly PartitionStatistics[];
  readonly groups: readonly GroupStatistics[];
  /** Why nothing can be written any more. A restart checks the disk. */
  readonly offlineCause: string | undefined;
}

interface Observed {
  readonly logs: LogManager;
  readonly groups: GroupCoordinator;
  readonly traffic: BrokerTraffic;
  readonly connections: () => number;
}

export function readStatistics({ logs, groups, traffic, connections }: Observed): BrokerStatistics {
  return {
    ...traffic.read(),
    connections: connections(),
    partitions: partitionsOf(logs),
    groups: groups.list().map(({ groupId, state }) => groupOf(groupId, state, { logs, groups })),
    offlineCause: logs.offlineCause?.message,
  };
}

const partitionsOf = (logs: LogManager): readonly PartitionStatistics[] =>
  logs.topics().flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => logs.partition(name, partition))
      .filter((log) => log !== undefined)
      .map(({ topic, partition, logStartOffset, highWatermark, sizeBytes }: PartitionLog) => ({
        topic,
        partition,
        logStartOffset,
        highWatermark,
        sizeBytes,
      })),
  );

function groupOf(
  groupId: string,
  state: string,
  { logs, groups }: Pick<Observed, 'logs' | 'groups'>,
): GroupStatistics {
  const lags = groups.fetchOffsets(groupId, null).flatMap(({ topic, partition, offset }) => {
    const end = logs.partition(topic, partition)?.highWatermark;
    if (end === undefined) return [];
    return [{ topic, partition, committedOffset: offset, lag: end > offset ? end - offset : 0n }];
  });
  return { groupId, state, members: groups.describe(groupId).members.length, lags };
}
