import { Injectable } from '@nestjs/common';
import {
  eventPrefix,
  InvalidInput,
  offsetsAt,
  parseBound,
  rangesOf,
  textOf,
  withReader,
} from '@millrace/operations/client';
import { ProblemError } from '@millrace/service-chassis/app';
import type { Isolation, OpenLogReader } from '@millrace/streaming-core/client';
import type { MessageRow, MessagesPage, ShownMessage } from '../api/topics.ts';
import { System } from '../system/system.ts';
import { filterOf, type MessageFilter } from './message-filter.ts';
import { rawEntriesOf, rawRowOf, rowOf, type RawEntry } from './message-rows.ts';
import { scan, type ScanRange } from './scan.ts';

export interface MessageQuery extends MessageFilter {
  readonly partition?: number | undefined;
  /** Where to begin: `beginning`, `end`, an offset, `-N` for the last N of each partition, or a time. */
  readonly from: string;
  /** Where the request before has ended, such as `0:120,1:80`. It counts instead of `from`. */
  readonly positions?: string | undefined;
  readonly raw: boolean;
}

/** Bounds of one request. The page asks again to go on. */
const limits = { foundMax: 500, scannedMax: 200_000, timeMsMax: 2_000 };
/** How many requests read at the same time, since each holds what it has fetched. */
const readingMax = 8;
const valueCharactersMax = 100_000;
/** What was asked for is on the log already, so that there is nothing to wait for. */
const fetchMaxWaitMs = 100;

/** Reads messages from the log, without a group. */
@Injectable()
export class MessageReader {
  #reading = 0;

  constructor(private readonly system: System) {}

  /** The raw view has everything on the log; the other one has what consumers see. */
  page(topic: string, query: MessageQuery): Promise<MessagesPage> {
    const isolation = query.raw ? 'read_uncommitted' : 'read_committed';
    const read = async (reader: OpenLogReader): Promise<MessagesPage> => {
      const ranges = await rangesToScan(reader, topic, query);
      const { rows, scanned, positions } = query.raw
        ? await rawRows(reader, ranges, query)
        : await plainRows(reader, ranges, query);
      const places = ranges.map((range, index) => ({ ...range, to: positions[index] ?? range.offset }));
      const left = places.filter(({ to, end }) => to < end);
      return {
        rows: [...rows].sort((one, other) => one.time.localeCompare(other.time) || one.offset - other.offset),
        scanned,
        ranges: places.map(({ partition, offset, to, end }) => ({
          partition,
          from: Number(offset),
          to: Number(to),
          end: Number(end),
        })),
        next: left.length === 0 ? null : left.map(({ partition, to }) => `${partition}:${to}`).join(),
      };
    };
    return this.#within(isolation, read);
  }

  /** Throws a 404 if there is no record at the offset. */
  async one(topic: string, partition: number, offset: number): Promise<ShownMessage> {
    const entry = await this.#within('read_uncommitted', (reader) =>
      entryAt(reader, topic, partition, BigInt(offset)),
    );
    const { raw, ...row } = entry === undefined ? nowhere() : rawRowOf(entry);
    const record = entry?.record;
    if (raw === undefined || record === undefined) throw nowhere();
    const value = record.value === null ? null : textOf(record.value);
    const isEvent = (name: string) => name.startsWith(eventPrefix);
    return {
      topic,
      row: { ...row, key: record.key === null ? null : textOf(record.key) },
      raw,
      event: Object.fromEntries(
        [...record.headers].flatMap(([name, text]) =>
          isEvent(name) ? [[name.slice(eventPrefix.length), text]] : [],
        ),
      ),
      headers: record.headerList.map((header) => ({
        name: header.name,
        value: header.value === null ? null : textOf(header.value),
      })),
      value: value?.slice(0, valueCharactersMax) ?? null,
      valueBytes: record.value?.length ?? 0,
      isCut: (value?.length ?? 0) > valueCharactersMax,
      brokers: this.system.addresses.cluster().bootstrapServers.join(),
    };
  }

  /** Throws a 429 if too many requests read. */
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

const nowhere = (): never => {
  const title =
    'There is no record at this offset: it was deleted, compacted, or is a marker of a transaction';
  throw new ProblemError(404, 'no_record', title);
};

type Rows = {
  readonly rows: readonly MessageRow[];
  readonly scanned: number;
  readonly positions: readonly bigint[];
};

async function plainRows(
  reader: OpenLogReader,
  ranges: readonly ScanRange[],
  filter: MessageFilter,
): Promise<Rows> {
  const { found, ...done } = await scan({
    ranges,
    limits,
    fetch: (positions) => reader.fetch(positions),
    entriesOf: ({ records }) => records,
    isWanted: filterOf(filter),
  });
  return { ...done, rows: found.map(rowOf) };
}

/** A marker fits only if nothing is asked of a content. */
async function rawRows(
  reader: OpenLogReader,
  ranges: readonly ScanRange[],
  filter: MessageFilter,
): Promise<Rows> {
  const { key, type, correlationId, text } = filter;
  const isAnything = [key, type, correlationId, text].every((one) => one === undefined);
  const isWanted = filterOf(filter);
  const { found, ...done } = await scan({
    ranges,
    limits,
    fetch: (positions) => reader.fetchRaw(positions),
    entriesOf: rawEntriesOf,
    isWanted: ({ record }: RawEntry) => (record === undefined ? isAnything : isWanted(record)),
  });
  return { ...done, rows: found.map(rawRowOf) };
}

async function entryAt(reader: OpenLogReader, topic: string, partition: number, offset: bigint) {
  const [page] = await reader.fetchRaw([{ topic, partition, offset }]);
  if (page?.error !== undefined) throw page.error;
  return page === undefined ? undefined : rawEntriesOf(page).find((entry) => entry.offset === offset);
}

/** Lists the partitions of a topic, or the one that is asked for. */
export async function partitionsToRead(reader: OpenLogReader, topic: string, wanted: number | undefined) {
  const { partitions = 0 } = (await reader.identify([topic])).get(topic) ?? {};
  if (wanted !== undefined && wanted >= partitions)
    throw new InvalidInput(`${topic} has no partition ${wanted}: give a number from 0 to ${partitions - 1}`);
  return Array.from({ length: partitions }, (_, partition) => ({ topic, partition })).filter(
    ({ partition }) => wanted === undefined || partition === wanted,
  );
}

async function rangesToScan(
  reader: OpenLogReader,
  topic: string,
  { partition, from, positions }: MessageQuery,
): Promise<readonly ScanRange[]> {
  const logs = await rangesOf(reader, await partitionsToRead(reader, topic, partition));
  if (positions === undefined) {
    const starts = await offsetsAt(parseBound(from, 'from'), logs, reader);
    return starts.map((start, index) => ({ ...start, end: logs[index]?.end ?? start.offset }));
  }
  const given = new Map(positions.split(',').map((text) => text.split(':').map(BigInt) as [bigint, bigint]));
  return logs.flatMap(({ start, end, ...log }) => {
    const offset = given.get(BigInt(log.partition));
    return offset === undefined ? [] : [{ ...log, offset: offset < start ? start : offset, end }];
  });
}
