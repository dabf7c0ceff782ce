import { unpackedBytesMax, unpackSync } from './block-codecs.ts';
import type { RecordBatch } from './record-batch.ts';
import { MalformedBytes, readVarint, skipVarlong, type Cursor } from './varint.ts';

/** Length, attributes, timestamp and offset delta, key, value and number of headers: one byte each. */
const recordBytesMin = 7;
/** What a byte can unpack to at the most. Snappy: a copy of 64 bytes takes 3. LZ4: a length goes on by 255 a byte. */
const unpackedPerByteMax = { snappy: 22, lz4: 255 } as const;

/** The records of a batch in one piece; undefined for bytes that are not what their codec says, or that unpack to more than `unpackedBytesMax`. */
export function unpackedRecords(batch: RecordBatch): Buffer | undefined {
  if (batch.codec === undefined) return undefined;
  try {
    return unpackSync(batch.codec, batch.payload);
  } catch {
    return undefined;
  }
}

/**
 * Throws MalformedBytes unless the batch holds as many records as its header claims, numbered from 0 without a gap: the claim moves the end of
 * the log. Of snappy and lz4 only what the bytes could unpack to bounds it, unless `keys` are asked for. Nothing is allocated by the claim. Answers which
 * records have no key, where that is asked for.
 */
export function checkRecords(batch: RecordBatch, { keys }: { readonly keys: boolean }): { readonly keyless: readonly number[] } {
  const { codec, recordCount } = batch;
  if (!keys && (codec === 'snappy' || codec === 'lz4')) {
    const countMax = Math.floor((batch.payload.length * unpackedPerByteMax[codec]) / recordBytesMin);
    if (recordCount > countMax) throw new MalformedBytes(`${recordCount} records are not in ${batch.payload.length} bytes of ${codec}`);
    return { keyless: [] };
  }
  const bytes = unpackedRecords(batch);
  if (bytes === undefined)
    throw new MalformedBytes(`the bytes are not ${codec}, or unpack to more than ${unpackedBytesMax / 1024 / 1024} MiB`);
  const keyless: number[] = [];
  walk({ bytes, position: 0 }, recordCount, keys ? (index) => keyless.push(index) : () => undefined);
  return { keyless };
}

function walk(cursor: Cursor, recordCount: number, onKeyless: (index: number) => void): void {
  for (let index = 0; index < recordCount; index += 1) {
    const length = readVarint(cursor);
    const end = cursor.position + length;
    if (length < 0 || end > cursor.bytes.length) throw new MalformedBytes(`record ${index} of ${recordCount} ends beyond its batch`);
    cursor.position += 1; // attributes, unused
    skipVarlong(cursor); // timestamp
    const offsetDelta = readVarint(cursor);
    if (offsetDelta !== index) throw new MalformedBytes(`record ${index} has the offset delta ${offsetDelta}`);
    if (!skipBytes(cursor)) onKeyless(index);
    skipBytes(cursor);
    skipHeaders(cursor, end);
    if (cursor.position !== end) throw new MalformedBytes(`the length of record ${index} disagrees with its fields`);
  }
  if (cursor.position !== cursor.bytes.length) throw new MalformedBytes(`there is more than the ${recordCount} records of the header`);
}

/** Of each header its name, which cannot be null, and its value. */
function skipHeaders(cursor: Cursor, end: number): void {
  const count = readVarint(cursor);
  if (count < 0 || count > end - cursor.position) throw new MalformedBytes(`${count} headers are not in their record`);
  for (let index = 0; index < count; index += 1) {
    if (!skipBytes(cursor)) throw new MalformedBytes('a header has no name');
    skipBytes(cursor);
  }
}

/** False when they are null. A length beyond the record shows at its end. */
function skipBytes(cursor: Cursor): boolean {
  const length = readVarint(cursor);
  if (length > 0) cursor.position += length;
  return length >= 0;
}
