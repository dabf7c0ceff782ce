import type { FetchedRecord, UndecodedRecords } from '@millrace/streaming-core/client';
import type { Headers } from '../processor/record.ts';
import type { ChangelogRecord } from '../state/store-context.ts';
import type { RawRecord } from '../task/task-record.ts';
import type { BufferedRecord, WaitingRecords } from './partition-queue.ts';

/** A record of a source partition as it was fetched. */
export type InputRecord = RawRecord & BufferedRecord;

/** Decodes records when they are taken. */
export const inputRecords = (fetched: UndecodedRecords): WaitingRecords<InputRecord> => ({
  countMax: fetched.countMax,
  sizeBytes: fetched.sizeBytes,
  next() {
    const record = fetched.next();
    return record && inputRecord(record);
  },
});

export function inputRecord(fetched: FetchedRecord): InputRecord {
  const { topic, partition, offset, timestampMs, key, value } = fetched;
  const headers = headersOf(fetched);
  const sizeBytes = (key?.length ?? 0) + (value?.length ?? 0) + headers.reduce(plusHeader, 0);
  return { topic, partition, offset, timestampMs, key, value, headers, sizeBytes };
}

/** A changelog has no records without a key. */
export function changelogRecord(fetched: FetchedRecord): ChangelogRecord {
  const { key, value, timestampMs } = fetched;
  return { key: key ?? noBytes, value, timestampMs, headers: headersOf(fetched) };
}

const noBytes = Buffer.alloc(0);
const noHeaders: Headers = [];

const headersOf = ({ headers, headerList }: FetchedRecord): Headers =>
  headers.size === 0 ? noHeaders : headerList;

const plusHeader = (bytes: number, { name, value }: Headers[number]): number =>
  bytes + name.length + (value?.length ?? 0);
