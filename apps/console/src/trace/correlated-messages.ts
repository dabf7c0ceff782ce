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
import { fetchMessages, filterOf, type RecordEntry } from '../topics/log-entry.ts';
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

const nothingRead = {
  messages: [] as readonly Message[],
  /** Where to continue in each partition. */
  next: new Map<string, bigint>(),
  scan: { records: 0, topics: 0, from: '', to: '', stopped: null } as TraceScan,
};

/**
 * Finds the messages of one correlation in the topics that are not internal. Each scan continues
 * where the previous one ended, so a page that looks repeatedly reads each record once.
 */
export class CorrelatedMessages {
  readonly #isWanted: ReturnType<typeof filterOf>;
  readonly #limits: typeof defaultLimits;
  #begin = Infinity;
  #read = nothingRead;

  constructor(correlationId: string, limits = defaultLimits) {
    this.#isWanted = filterOf({ correlationId });
    this.#limits = limits;
  }

  /** Resolves to the messages that were found, and to the reason if the log cannot be read now. */
  async read(log: LogTools, { fromMs, toMs }: Window) {
    if (fromMs < this.#begin) this.#read = nothingRead;
    this.#begin = Math.min(fromMs, this.#begin);
    let failure: string | undefined;
    if (this.#read.scan.stopped === null)
      await this.#goOn(log, toMs).catch((error: Error) => {
        failure = `the topics cannot be read: ${error.message}`;
      });
    const { messages, scan: scanned } = this.#read;
    return { messages, scan: scanned, failure };
  }

  async #goOn({ admin, reader }: LogTools, toMs: number): Promise<void> {
    const before = this.#read;
    const { recordsMax, messagesMax } = this.#limits;
    const now = systemClock.now();
    const topics = await admin.topics.list();
    const partitions = topics.flatMap(({ name: topic, partitions: some }) =>
      some.map(({ partition }) => ({ topic, partition })),
    );
    const from: Bound = { kind: 'time', timestampMs: this.#begin };
    const to: Bound = toMs < now ? { kind: 'time', timestampMs: toMs } : { kind: 'end' };
    const ranges = await rangesBetween(reader, partitions, from, to);
    const { found, scanned, rest } = await scan<RecordEntry>({
      ranges: ranges.map((range) => ({ ...range, offset: before.next.get(nameOf(range)) ?? range.offset })),
      fetch: (positions) => fetchMessages(reader, positions),
      isWanted: this.#isWanted,
      limits: {
        foundMax: messagesMax - before.messages.length,
        scannedMax: recordsMax - before.scan.records,
        timeMsMax: scanMsMax,
      },
    });
    const messages = [...before.messages, ...found.map(({ record }) => messageOf(record))];
    const records = before.scan.records + scanned;
    const limit =
      messages.length >= messagesMax
        ? `${messagesMax} messages were found`
        : records >= recordsMax
          ? `${recordsMax} records were read`
          : `${scanMsMax / 1_000} s had passed`;
    this.#read = {
      messages,
      next: new Map(rest.map((range) => [nameOf(range), range.offset])),
      scan: {
        records,
        topics: topics.length,
        from: new Date(this.#begin).toISOString(),
        to: new Date(Math.min(toMs, now)).toISOString(),
        stopped: rest.every(({ offset, end }) => offset >= end) ? null : limit,
      },
    };
  }
}
