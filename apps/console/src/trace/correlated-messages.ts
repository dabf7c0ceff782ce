import {
  messageOf,
  rangesBetween,
  type Bound,
  type LogTools,
  type Message,
} from '@millrace/operations/client';
import type { TopicPartition } from '@millrace/streaming-core/client';
import { seconds, systemClock } from '@millrace/streaming-core/runtime';
import type { TraceScan } from '../api/trace.ts';
import { fetchMessages, type RecordEntry } from '../topics/log-entry.ts';
import { filterOf } from '../topics/message-filter.ts';
import { scan } from '../topics/scan.ts';

/** The limits of all scans for one correlation together. */
const defaultLimits = { recordsMax: 20_000, messagesMax: 1_000 };

/** How long one scan may take. */
const scanMsMax = seconds(10);

/** Times in milliseconds since the epoch. */
interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
const isoOf = (ms: number): string => new Date(ms).toISOString();

/**
 * Finds the messages of one correlation in the topics that are not internal. Each scan goes on where
 * the one before has ended, so a page that looks again and again reads each record once.
 */
export class CorrelatedMessages {
  readonly #isWanted: ReturnType<typeof filterOf>;
  readonly #limits: typeof defaultLimits;
  #found: readonly Message[] = [];
  #next = new Map<string, bigint>();
  #begin = Infinity;
  #scan: TraceScan = { records: 0, topics: 0, from: '', to: '', stopped: null };

  constructor(correlationId: string, limits = defaultLimits) {
    this.#isWanted = filterOf({ correlationId });
    this.#limits = limits;
  }

  /** Resolves to what was found, and with the reason if the log cannot be read now. */
  async read(log: LogTools, window: Window) {
    if (window.fromMs < this.#begin) this.#beginAt(window.fromMs);
    const failure =
      this.#scan.stopped === null ? await this.#goOn(log, window.toMs).catch(reasonOf) : undefined;
    return { messages: this.#found, scan: this.#scan, failure };
  }

  #beginAt(fromMs: number): void {
    this.#begin = fromMs;
    this.#found = [];
    this.#next = new Map();
    this.#scan = { ...this.#scan, records: 0, stopped: null };
  }

  async #goOn({ admin, reader }: LogTools, toMs: number): Promise<undefined> {
    const topics = await admin.topics.list();
    const now = systemClock.now();
    const partitions = topics.flatMap(({ name: topic, partitions: some }) =>
      some.map(({ partition }) => ({ topic, partition })),
    );
    const from: Bound = { kind: 'time', timestampMs: this.#begin };
    const to: Bound = toMs < now ? { kind: 'time', timestampMs: toMs } : { kind: 'end' };
    const ranges = (await rangesBetween(reader, partitions, from, to)).map((range) => ({
      ...range,
      offset: this.#next.get(nameOf(range)) ?? range.offset,
    }));
    const { recordsMax, messagesMax } = this.#limits;
    const { found, scanned, rest } = await scan<RecordEntry>({
      ranges,
      fetch: (positions) => fetchMessages(reader, positions),
      isWanted: this.#isWanted,
      limits: {
        foundMax: messagesMax - this.#found.length,
        scannedMax: recordsMax - this.#scan.records,
        timeMsMax: scanMsMax,
      },
    });
    const isOver = rest.every(({ offset, end }) => offset >= end);
    this.#found = [...this.#found, ...found.map(({ record }) => messageOf(record))];
    this.#next = new Map(rest.map((range) => [nameOf(range), range.offset]));
    const records = this.#scan.records + scanned;
    this.#scan = {
      records,
      topics: topics.length,
      from: isoOf(this.#begin),
      to: isoOf(Math.min(toMs, now)),
      stopped: isOver ? null : this.#limitReached(records),
    };
  }

  #limitReached(records: number): string {
    const { recordsMax, messagesMax } = this.#limits;
    if (this.#found.length >= messagesMax) return `${messagesMax} messages were found`;
    return records >= recordsMax ? `${recordsMax} records were read` : `${scanMsMax / 1_000} s had passed`;
  }
}

const reasonOf = (error: unknown): string => `the topics cannot be read: ${(error as Error).message}`;
