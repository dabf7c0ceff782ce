import type { FetchedRecord, UndecodedRecords } from '@millrace/streaming-core/client';
import type { Headers } from '../processor/record.ts';
import type { ChangelogRecord } from '../state/store-context.ts';
import type { RawRecord } from '../task/task-record.ts';
import type { BufferedRecord, WaitingRecords } from './partition-queue.ts';

/** A record of a source partition as it was fetched. */
export type InputRecord = RawRecord & BufferedRecord;

/** Fetched records that are decoded when they are taken. */
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
  let sizeBytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) sizeBytes += header.name.length + (header.value?.length ?? 0);
  return { topic, partition, offset, timestampMs, key, value, headers, sizeBytes };
}

/**
 * Turns a fetched record into one of a changelog. Throws without a key, which every changelog
 * record has.
 */
export function changelogRecord(fetched: FetchedRecord): ChangelogRecord {
  const { key, value, timestampMs } = fetched;
  return { key: key ?? noBytes, value, timestampMs, headers: headersOf(fetched) };
}

const noBytes = Buffer.alloc(0);
const noHeaders: Headers = [];

/**
 * Decodes headers only if there are any, since most records have none and the list is decoded again
 * at each access.
 */
const headersOf = (fetched: FetchedRecord): Headers =>
  fetched.headers.size === 0 ? noHeaders : fetched.headerList;
