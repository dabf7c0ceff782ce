import { Injectable } from '@nestjs/common';
import {
  messageOf,
  parseBound,
  partitionsOf,
  rangesBetween,
  readMessages,
  textOf,
  withReader,
  type ReadRange,
} from '@millrace/operations/client';
import { ProblemError, type LiveMessage } from '@millrace/service-chassis/app';
import type { Isolation, OpenLogReader, PartitionOffset } from '@millrace/streaming-core/client';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import type { Observable } from 'rxjs';
import type { MessageRow, MessagesPage, ShownMessage } from '../api/topics.ts';
import { withNumbers } from '../api/with-numbers.ts';
import { liveRows, type Rows } from '../live/live-rows.ts';
import { System } from '../system/system.ts';
import {
  entryOf,
  fetchMessages,
  fetchRaw,
  filterOf,
  rawFactsOf,
  rowOf,
  type LogEntry,
  type MessageFilter,
} from './log-entry.ts';
import { scan } from './scan.ts';

interface TailQuery extends MessageFilter {
  readonly partition?: number | undefined;
}

export interface MessageQuery extends TailQuery {
  /** Where to begin: `beginning`, `end`, an offset, `-N` for the last N of each partition, or a time. */
  readonly from: string;
  /** Where the previous request ended, such as `0:120,1:80`. It overrides `from`. */
  readonly positions?: string | undefined;
  readonly raw: boolean;
}

/** The limits of one request. The page sends another one to continue. */
const limits = { foundMax: 500, scannedMax: 200_000, timeMsMax: 2_000 };
/**
 * The number of requests that may read at the same time, since each holds the records that it has
 * fetched.
 */
const readingMax = 8;
const retryMs = 2_000;
const valueCharactersMax = 100_000;
/** The records are on the log already, so there is nothing to wait for. */
const fetchMaxWaitMs = 100;

/** Reads messages from the log, without a group. */
@Injectable()
export class MessageReader {
  #reading = 0;

  constructor(private readonly system: System) {}

  /**
   * Reads a page of messages. The raw view has everything on the log; the other view has what
   * consumers see.
   */
  page(topic: string, query: MessageQuery): Promise<MessagesPage> {
    return this.#within(query.raw ? 'read_uncommitted' : 'read_committed', async (reader) => {
      const ranges = await rangesToScan(reader, topic, query);
      const foundInPartitionMax = Math.ceil(limits.foundMax / Math.max(1, ranges.length));
      const { found, scanned, rest } = await scan<LogEntry>({
        ranges,
        fetch: (from) => (query.raw ? fetchRaw(reader, from) : fetchMessages(reader, from)),
        isWanted: filterOf(query),
        limits: { ...limits, foundInPartitionMax },
      });
      const left = rest.filter(({ offset, end }) => offset < end);
      return {
        rows: found
          .map(rowOf)
          .sort((one, other) => one.time.localeCompare(other.time) || one.offset - other.offset),
        scanned,
        ranges: ranges.map(({ partition, offset, end }, index) =>
          withNumbers({ partition, from: offset, to: rest[index]?.offset ?? offset, end }),
        ),
        next: left.length === 0 ? null : left.map(({ partition, offset }) => `${partition}:${offset}`).join(),
      };
    });
  }

  /** Throws a 404 if there is no record at the offset. */
  async one(topic: string, partition: number, place: number): Promise<ShownMessage> {
    const offset = BigInt(place);
    const [page] = await this.#within('read_uncommitted', (reader) =>
      fetchRaw(reader, [{ topic, partition, offset }]),
    );
    if (page?.error !== undefined) throw page.error;
    const entry = page?.entries.find((one) => one.offset === offset);
    if (entry?.record === undefined || entry.batch === undefined) throw noRecord();
    const { key, event } = messageOf(entry.record);
    const value = entry.record.value === null ? null : textOf(entry.record.value);
    return {
      topic,
      row: { ...rowOf(entry), key },
      raw: rawFactsOf(entry.batch, offset),
      event,
      headers: entry.record.headerList.map((header) => ({
        name: header.name,
        value: header.value === null ? null : textOf(header.value),
      })),
      value: value?.slice(0, valueCharactersMax) ?? null,
      valueBytes: entry.record.value?.length ?? 0,
      isCut: (value?.length ?? 0) > valueCharactersMax,
      brokers: this.system.addresses.cluster().bootstrapServers.join(),
    };
  }

  /**
   * Follows the matching messages from the present end of the topic on. Continues after a failure
   * where it was.
   */
  tail(topic: string, query: TailQuery): Observable<LiveMessage> {
    return liveRows<MessageRow>((rows) => {
      const stop = new AbortController();
      void this.#follow(topic, query, rows, stop.signal);
      return () => stop.abort();
    });
  }

  async #follow(
    topic: string,
    { partition: wanted, ...filter }: TailQuery,
    rows: Rows<MessageRow>,
    signal: AbortSignal,
  ): Promise<void> {
    const isWanted = filterOf(filter);
    const next = new Map<number, PartitionOffset>();
    const read = async (reader: OpenLogReader) => {
      const ends = await reader.endOffsets(await partitionsOf(reader, topic, wanted));
      for (const end of ends) if (!next.has(end.partition)) next.set(end.partition, end);
      rows.works();
      for await (const record of readMessages(reader, { from: [...next.values()], signal })) {
        const { partition, offset } = record;
        next.set(partition, { topic, partition, offset: offset + 1n });
        rows.add(isWanted({ record }) ? rowOf(entryOf(record)) : undefined);
      }
    };
    while (!signal.aborted)
      try {
        await withReader(this.system.addresses.cluster(), read, { isolation: 'read_committed' });
      } catch (error) {
        rows.fail(error instanceof Error ? error.message : String(error));
        await pause(systemClock, retryMs, signal);
      }
  }

  /** Runs a search. Throws a 429 if too many are running. */
  async #within<Result>(
    isolation: Isolation,
    read: (reader: OpenLogReader) => Promise<Result>,
  ): Promise<Result> {
    if (this.#reading >= readingMax) throw tooManyRead();
    this.#reading += 1;
    try {
      return await withReader(this.system.addresses.cluster(), read, { isolation, fetchMaxWaitMs });
    } finally {
      this.#reading -= 1;
    }
  }
}

const tooManyRead = (): ProblemError =>
  new ProblemError(429, 'too_many_searches', `${readingMax} searches run: wait for one, or stop it`);

const noRecord = (): ProblemError => {
  const title =
    'There is no record at this offset: it was deleted, compacted, or is a marker of a transaction';
  return new ProblemError(404, 'no_record', title);
};

async function rangesToScan(
  reader: OpenLogReader,
  topic: string,
  { partition: wanted, from, positions }: MessageQuery,
): Promise<readonly ReadRange[]> {
  const partitions = await partitionsOf(reader, topic, wanted);
  if (positions === undefined) return rangesBetween(reader, partitions, parseBound(from, 'from'));
  const given = new Map(positions.split(',').map((text) => text.split(':').map(BigInt) as [bigint, bigint]));
  const logs = await rangesBetween(reader, partitions, { kind: 'beginning' });
  return logs.flatMap((log) => {
    const offset = given.get(BigInt(log.partition));
    return offset === undefined ? [] : [{ ...log, offset: offset > log.offset ? offset : log.offset }];
  });
}
