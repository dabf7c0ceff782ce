import { BufferPool } from '../../protocol/frames/buffer-pool.ts';
import { batchHeaderBytes } from '../../records/record-batch.ts';
import { readVarint, readVarlongAsNumber } from '../../records/varint.ts';
import type { EncodedRecord } from './record-encoding.ts';

/** The memory of batches, which all producers of the process share. */
const memory = new BufferPool({ heldBytesMax: 8 * 1024 * 1024 });

/**
 * The records of a batch in version 2, whose layout is in `records/record-batch.ts`. Each is written
 * into the bytes of its batch when it is appended, so that no object waits for the batch to be sent.
 */
export class RecordBlock {
  #bytes: Buffer;
  #end = batchHeaderBytes;
  #count = 0;
  #baseTimestampMs = 0;
  #maxTimestampMs = 0;

  /** `bytesExpected` is a guess that saves copies. The block grows if it is too low. */
  constructor(bytesExpected: number) {
    this.#bytes = memory.take(Math.max(bytesExpected, batchHeaderBytes));
  }

  get count(): number {
    return this.#count;
  }

  /** The time of the first record, in Unix milliseconds. */
  get baseTimestampMs(): number {
    return this.#baseTimestampMs;
  }

  get maxTimestampMs(): number {
    return this.#maxTimestampMs;
  }

  /** Begins with room for the header of the batch, which the records follow. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** Copies the record. */
  append({ key, value, valueBytes, headers, timestampMs, sizeBytes }: EncodedRecord): void {
    const valueField = value === null ? 1 : varintBytes(valueBytes) + valueBytes;
    let contents = fieldBytes(key) + valueField + varintBytes(headers.length);
    for (const [name, text] of headers) contents += fieldBytes(name) + fieldBytes(text);
    let at = this.#begin(timestampMs, contents, sizeBytes);
    const bytes = this.#bytes;
    at = writeField(bytes, at, key);
    at = typeof value === 'string' ? writeText(bytes, at, value, valueBytes) : writeField(bytes, at, value);
    at = writeVarint(bytes, at, headers.length);
    for (const [name, text] of headers) at = writeField(bytes, writeField(bytes, at, name), text);
    this.#end = at;
  }

  /** Gives the memory to other blocks. Nothing may refer to the bytes any more. */
  free(): void {
    memory.give(this.#bytes);
    this.#bytes = noBytes;
  }

  /** Returns a block of the records at the indexes that are kept, in the same order. */
  filter(isKept: (index: number) => boolean): RecordBlock {
    const kept = new RecordBlock(this.#end);
    const cursor = { bytes: this.#bytes, position: batchHeaderBytes };
    for (let index = 0; index < this.#count; index += 1) {
      const end = readVarint(cursor) + cursor.position;
      cursor.position += attributesBytes;
      const timestampMs = this.#baseTimestampMs + readVarlongAsNumber(cursor);
      readVarint(cursor); // the offset delta, which may change
      if (isKept(index)) kept.#appendContents(timestampMs, this.#bytes.subarray(cursor.position, end));
      cursor.position = end;
    }
    return kept;
  }

  /** Appends a record whose key, value and headers are these bytes of another block. */
  #appendContents(timestampMs: number, contents: Buffer): void {
    const at = this.#begin(timestampMs, contents.length, contents.length + headBytesMax);
    this.#end = at + contents.copy(this.#bytes, at);
  }

  /** Writes what is before the contents of the next record, and returns where these begin. */
  #begin(timestampMs: number, contents: number, sizeBytes: number): number {
    if (this.#count === 0) this.#baseTimestampMs = timestampMs;
    this.#maxTimestampMs = Math.max(this.#maxTimestampMs, timestampMs);
    this.#makeRoom(sizeBytes);
    const bytes = this.#bytes;
    const timestampDelta = timestampMs - this.#baseTimestampMs;
    const head = attributesBytes + varintBytes(timestampDelta) + varintBytes(this.#count);
    let at = writeVarint(bytes, this.#end, head + contents);
    bytes[at++] = 0;
    at = writeVarint(bytes, at, timestampDelta);
    at = writeVarint(bytes, at, this.#count);
    this.#count += 1;
    return at;
  }

  #makeRoom(sizeBytes: number): void {
    const needed = this.#end + sizeBytes;
    if (needed <= this.#bytes.length) return;
    const grown = memory.take(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#end);
    memory.give(this.#bytes);
    this.#bytes = grown;
  }
}

const noBytes = Buffer.alloc(0);
const attributesBytes = 1;
/** The length of a record, its attributes, and the deltas of its time and offset. */
const headBytesMax = 5 + attributesBytes + 10 + 5;

const fieldBytes = (field: Buffer | null): number =>
  field === null ? 1 : varintBytes(field.length) + field.length;

/** Up to this length, a loop copies faster than a call does. */
const loopBytesMax = 32;

function writeField(bytes: Buffer, at: number, field: Buffer | null): number {
  if (field === null) return writeVarint(bytes, at, -1);
  const { length } = field;
  const start = writeVarint(bytes, at, length);
  if (length > loopBytesMax) field.copy(bytes, start);
  else for (let index = 0; index < length; index += 1) bytes[start + index] = field[index] as number;
  return start + length;
}

function writeText(bytes: Buffer, at: number, text: string, length: number): number {
  const start = writeVarint(bytes, at, length);
  return start + bytes.write(text, start, length, 'utf8');
}

/**
 * Zigzag-encodes a whole number up to 2^52. It uses no bit operators, because times in milliseconds
 * need more than 32 bits.
 */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function varintBytes(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value);
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 0x80;
  bytes[at++] = rest;
  return at;
}
