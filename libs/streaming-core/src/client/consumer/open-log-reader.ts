import { ClientError } from '../errors/client-error.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
} from '../connection/connection-settings.ts';
import { passes } from '../connection/retries.ts';
import { checkedOptions, optionsOf, type OptionSchemas } from '../connection/options.ts';
import { arePollsReported, reportPoll } from '../operation-reports.ts';
import { stayAlive } from '../stay-alive.ts';
import { contentBytesOf } from '../traffic-reports.ts';
import type {
  FetchedPartition,
  FetchedRecord,
  FetchPosition,
  UndecodedPartition,
} from '../fetched-records.ts';
import type { OffsetForTime, PartitionTime, TopicIdentity, TopicPartition } from '../topic-partition.ts';
import { RawLogReader, type RawPartition } from './raw-log-reader.ts';
import { LogReader, readerDefaults, readerSchemas, type ReaderLimits } from './log-reader.ts';
import type { PartitionOffset } from './offset-lookup.ts';
import { TopicPins } from './topic-pins.ts';

export interface LogReaderOptions extends ConnectionOptions, Partial<ReaderLimits> {}

/**
 * Reads topics without a group. The caller says where to begin. Every operation rejects with
 * `ClientError`.
 */
export interface OpenLogReader extends AsyncDisposable {
  /** Returns the ids and partition counts of topics. Rejects with `unknown_topic` if one is missing. */
  identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /**
   * Makes one long poll over the given positions. Partitions that failed have an error, and the
   * others have records.
   */
  fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition<FetchedRecord>[]>;
  /** Like `fetch`, with records that are decoded one by one when the caller takes them. */
  fetchUndecoded(positions: readonly FetchPosition[]): Promise<readonly UndecodedPartition[]>;
  /**
   * Like `fetch`, with every batch that is on the log, whatever the isolation of the reader: also
   * transaction markers, and records of aborted and open transactions. Makes a second request for
   * partitions with transactions, so it holds up to twice `fetchMaxBytes`.
   */
  fetchRaw(positions: readonly FetchPosition[]): Promise<readonly RawPartition[]>;
  /** Asks the log for the first offsets that it still holds. */
  beginningOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /**
   * Asks the log for the current high watermarks, or with `read_committed` for the last stable
   * offsets.
   */
  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /**
   * Finds the first record of each partition with this timestamp or a later one. Takes one time per
   * partition. Returns the results in the same order, and undefined where the log has no such
   * record.
   */
  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>>;
  /**
   * Yields the records from these positions on, in order within each partition, and waits for new
   * ones until the signal aborts. Retries while a broker is unreachable, and throws any other error
   * of a partition.
   */
  records(
    from: readonly FetchPosition[],
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterableIterator<FetchedRecord>;
  /** Drops the requests in flight. They reject with `closed`. */
  close(): Promise<void>;
}

const logReaderOptions = optionsOf({
  ...connectionSchemas,
  ...readerSchemas,
} satisfies OptionSchemas<LogReaderOptions>);

/** Returns at once, and connects at the first call. */
export function connectLogReader(options: LogReaderOptions): OpenLogReader {
  const settings = { ...readerDefaults, ...connectionSettings(checkedOptions(logReaderOptions, options)) };
  const brokers = new BrokerClient(settings);
  const pins = new TopicPins();
  const reader = new LogReader(settings, brokers, pins);
  const raw = new RawLogReader(settings, brokers, pins);
  const fetch = (positions: readonly FetchPosition[]) =>
    reportPoll(settings, positions, () => reader.fetch(positions));
  const fetchUndecoded = (positions: readonly FetchPosition[]) =>
    arePollsReported() ? fetch(positions).then(takenLater) : reader.fetchUndecoded(positions);
  const close = async () => brokers.close();
  return {
    identify: (topics) => stayAlive(reader.identify(topics)),
    fetch: (positions) => stayAlive(fetch(positions)),
    fetchUndecoded: (positions) => stayAlive(fetchUndecoded(positions)),
    fetchRaw: (positions) => stayAlive(raw.fetch(positions)),
    beginningOffsets: (partitions) => stayAlive(reader.lookup.beginnings(partitions)),
    endOffsets: (partitions) => stayAlive(reader.lookup.ends(partitions)),
    offsetsForTimes: (times) => stayAlive(reader.lookup.forTimes(times)),
    records: (from, { signal } = {}) => recordsFrom(fetch, from, signal ?? new AbortController().signal),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A poll that is reported has decoded its records for the report, so they are handed out as they are. */
const takenLater = (fetched: readonly FetchedPartition<FetchedRecord>[]): readonly UndecodedPartition[] =>
  fetched.map((one) => {
    let taken = 0;
    const sizeBytes = one.records.reduce((sum, record) => sum + contentBytesOf(record), 0);
    const next = () => one.records[taken++];
    return { ...one, records: { countMax: one.records.length, sizeBytes, next } };
  });

async function* recordsFrom(
  fetch: OpenLogReader['fetch'],
  from: readonly FetchPosition[],
  signal: AbortSignal,
): AsyncGenerator<FetchedRecord, undefined> {
  let end: () => void = () => undefined;
  const aborted = new Promise<undefined>((resolve) => (end = () => resolve(undefined)));
  signal.addEventListener('abort', end);
  try {
    for (let positions = from; !signal.aborted;) {
      const fetched = await stayAlive(Promise.race([fetchOnce(fetch, positions), aborted]));
      for (const record of fetched?.flatMap(({ records }) => records) ?? []) {
        if (signal.aborted) return;
        yield record;
      }
      positions = positions.map((position, index) => ({
        ...position,
        offset: fetched?.[index]?.nextOffset ?? position.offset,
      }));
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** Returns undefined after a failure that is worth a retry. `fetch` has then paused already. */
async function fetchOnce(
  fetch: OpenLogReader['fetch'],
  positions: readonly FetchPosition[],
): Promise<readonly FetchedPartition<FetchedRecord>[] | undefined> {
  try {
    const fetched = await fetch(positions);
    const refused = fetched.find(({ error }) => error !== undefined && !passesFor(error));
    if (refused?.error) throw refused.error;
    return fetched;
  } catch (error) {
    if (passesFor(error)) return undefined;
    throw error;
  }
}

/** A topic that does not exist is an error of the caller. */
const passesFor = (error: unknown): boolean =>
  passes(error) && !(error instanceof ClientError && error.code === 'unknown_topic');
