import {
  eventPrefix,
  messageOf,
  offsetsAt,
  rangesOf,
  readMessages,
  type LogTools,
  type Message,
} from '@millrace/operations/client';
import type { FetchedRecord, PartitionOffset, TopicPartition } from '@millrace/streaming-core/client';
import { seconds, systemClock } from '@millrace/streaming-core/runtime';
import type { TraceScan } from '../api/trace.ts';

/** The limits of all scans for one correlation together. */
interface ScanLimits {
  readonly recordsMax: number;
  readonly messagesMax: number;
}

/** How long one scan may take. */
const scanMsMax = seconds(10);

/** Times in milliseconds since the epoch. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * Finds the messages of one correlation in the topics that are not internal. Each scan goes on where
 * the one before has ended, so a page that looks again and again reads each record once.
 */
export class CorrelatedMessages {
  readonly #correlationId: string;
  readonly #limits: ScanLimits;
  #found: readonly Message[] = [];
  #next = new Map<string, bigint>();
  #begin = Infinity;
  #scan: TraceScan = { records: 0, topics: 0, from: '', to: '', stopped: null };

  constructor(correlationId: string, limits: ScanLimits = { recordsMax: 20_000, messagesMax: 1_000 }) {
    this.#correlationId = correlationId;
    this.#limits = limits;
  }

  /** Resolves to what was found, and with the reason if the log cannot be read now. */
  async read(log: LogTools, window: Window) {
    if (window.fromMs < this.#begin) this.#beginAt(window.fromMs);
    const failure = this.#scan.stopped === null ? await this.#goOn(log, window).catch(reasonOf) : undefined;
    return { messages: this.#found, scan: this.#scan, failure };
  }

  #beginAt(fromMs: number): void {
    this.#begin = fromMs;
    this.#found = [];
    this.#next = new Map();
    this.#scan = { ...this.#scan, records: 0, stopped: null };
  }

  async #goOn({ admin, reader }: LogTools, { toMs }: Window): Promise<undefined> {
    const topics = await admin.topics.list();
    const partitions = topics.flatMap(({ name, partitions: some }) =>
      some.map(({ partition }) => ({ topic: name, partition })),
    );
    const ranges = await rangesOf(reader, partitions);
    const end: Parameters<typeof offsetsAt>[0] =
      toMs < systemClock.now() ? { kind: 'time', timestampMs: toMs } : { kind: 'end' };
    const [starts, to] = await Promise.all([
      offsetsAt({ kind: 'time', timestampMs: this.#begin }, ranges, reader),
      offsetsAt(end, ranges, reader),
    ]);
    const from = starts.map((start) => ({ ...start, offset: this.#next.get(nameOf(start)) ?? start.offset }));
    const signal = AbortSignal.timeout(scanMsMax);
    const read = readMessages(reader, { from, to, signal, onProgress: () => undefined });
    await this.#take(read, signal);
    for (const [index, at] of to.entries()) this.#next.set(nameOf(at), laterOf(at, from[index]));
    this.#scan = {
      ...this.#scan,
      topics: topics.length,
      from: new Date(this.#begin).toISOString(),
      to: new Date(Math.min(toMs, systemClock.now())).toISOString(),
    };
    return undefined;
  }

  async #take(read: AsyncIterable<FetchedRecord>, signal: AbortSignal): Promise<void> {
    let { records, stopped } = this.#scan;
    const { recordsMax, messagesMax } = this.#limits;
    const found = [...this.#found];
    for await (const record of read) {
      records += 1;
      if (record.headers.get(`${eventPrefix}correlationid`) === this.#correlationId)
        found.push(messageOf(record));
      if (found.length >= messagesMax) stopped = `${messagesMax} messages were found`;
      else if (records >= recordsMax) stopped = `${recordsMax} records were read`;
      if (stopped !== null) break;
    }
    if (signal.aborted) stopped ??= `${scanMsMax / 1_000} s had passed`;
    this.#found = found;
    this.#scan = { ...this.#scan, records, stopped };
  }
}

const laterOf = (one: PartitionOffset, other: PartitionOffset | undefined): bigint =>
  other !== undefined && other.offset > one.offset ? other.offset : one.offset;

const reasonOf = (error: unknown): string => `the topics cannot be read: ${(error as Error).message}`;
