import { channel } from 'node:diagnostics_channel';
import type { DurationMs } from '../runtime/index.ts';
import type { ConsumedRecord, FetchedPartition } from './fetched-records.ts';

/**
 * The report on `millrace.client.sent` about one topic's share of a produce request that was
 * acknowledged or has failed.
 */
export interface SentReport {
  readonly clientId: string;
  readonly topic: string;
  readonly records: number;
  /** The bytes of keys, values and headers, uncompressed and without the overhead of the batch. */
  readonly bytes: number;
  readonly durationMs: DurationMs;
  /**
   * The code of the `ClientError` if the request failed. Its records may or may not be on the log.
   */
  readonly error?: string;
}

/** The report on `millrace.client.fetched` about one partition's share of a fetch answer. */
export interface FetchedReport {
  readonly clientId: string;
  readonly topic: string;
  readonly records: number;
  readonly bytes: number;
}

const sent = channel('millrace.client.sent');
const fetched = channel('millrace.client.fetched');

/** Records of a topic that have the same result. */
type SettledRecords = Pick<SentReport, 'topic' | 'records' | 'bytes' | 'durationMs'> & {
  readonly error: string | undefined;
};

/** Reports the batches that one answer has settled together, once per topic and error code. */
export class SettledReports {
  readonly #clientId: string;
  #settled: SettledRecords[] = [];

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  get areWanted(): boolean {
    return sent.hasSubscribers;
  }

  add(batch: SettledRecords): void {
    if (this.#settled.push(batch) === 1) queueMicrotask(() => this.#report());
  }

  #report(): void {
    const clientId = this.#clientId;
    const byError = Map.groupBy(this.#settled.splice(0), ({ error }) => error);
    for (const [error, batches] of byError) {
      const durationMs = Math.max(...batches.map((batch) => batch.durationMs));
      for (const [topic, ofTopic] of Map.groupBy(batches, (batch) => batch.topic)) {
        const records = ofTopic.reduce((sum, batch) => sum + batch.records, 0);
        const bytes = ofTopic.reduce((sum, batch) => sum + batch.bytes, 0);
        sent.publish({ clientId, topic, records, bytes, durationMs, error } satisfies SentReport);
      }
    }
  }
}

export function reportFetched(partitions: readonly FetchedPartition[], clientId: string): void {
  if (!fetched.hasSubscribers) return;
  for (const { topic, records } of partitions) {
    if (records.length === 0) continue;
    const bytes = records.reduce((sum, record) => sum + contentBytesOf(record), 0);
    fetched.publish({ clientId, topic, records: records.length, bytes } satisfies FetchedReport);
  }
}

/** A partition whose records are decoded later. */
interface DecodingPartition {
  readonly topic: string;
  readonly records: {
    readonly countMax: number;
    onDecoded: ((records: number, bytes: number) => void) | undefined;
  };
}

/** Reports the records of each partition once all of them are decoded. */
export function reportDecoded(partitions: readonly DecodingPartition[], clientId: string): void {
  if (!fetched.hasSubscribers) return;
  for (const { topic, records } of partitions) {
    if (records.countMax === 0) continue;
    records.onDecoded = (count, bytes) =>
      fetched.publish({ clientId, topic, records: count, bytes } satisfies FetchedReport);
  }
}

/** The bytes of key, value and headers. */
export function contentBytesOf({ key, value, headers }: ConsumedRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  if (headers.size === 0) return bytes; // saves an iterator for every record
  for (const [name, text] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  return bytes;
}
