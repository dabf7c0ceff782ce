import type { Header, RecordContext } from '../processor/record.ts';
import { compareBytes } from './bytes.ts';

/** An update that waits in a suppress buffer, as bytes. */
export interface SuppressRow {
  readonly bufferTimeMs: number;
  readonly context: RecordContext;
  /** The value before the first waiting update. Readers see it while the key waits. */
  readonly priorValue: Uint8Array | null;
  readonly oldValue: Uint8Array | null;
  readonly newValue: Uint8Array | null;
}

const nullLength = -1;
const sameAsPriorLength = -2;

/**
 * Encodes a row as the changelog's value, in version 3 of Kafka Streams: int64 time, int64 offset,
 * topic, int32 partition and headers of the record; prior, old and new value; int64 buffer time.
 * Texts, headers and values follow an int32 length. The length -1 stands for null, and -2 for an
 * old value that equals the prior value.
 */
export function encodeSuppressRow({
  context,
  priorValue,
  oldValue,
  newValue,
  bufferTimeMs,
}: SuppressRow): Buffer {
  const parts = [int64(context.timestampMs), int64(context.offset)];
  parts.push(sized(Buffer.from(context.topic)), int32(context.partition), int32(context.headers.length));
  for (const { name, value } of context.headers) parts.push(sized(Buffer.from(name)), sized(value));
  parts.push(sized(priorValue));
  parts.push(oldValue !== null && equal(oldValue, priorValue) ? int32(sameAsPriorLength) : sized(oldValue));
  parts.push(sized(newValue), int64(bufferTimeMs));
  return Buffer.concat(parts);
}

/** Decodes a row. Throws `RangeError` if the bytes end too early. */
export function decodeSuppressRow(bytes: Uint8Array): SuppressRow {
  const reader = new RowReader(bytes);
  const timestampMs = Number(reader.int64());
  const offset = reader.int64();
  const topic = reader.text();
  const partition = reader.int32();
  const headers: Header[] = [];
  for (let left = reader.int32(); left > 0; left -= 1)
    headers.push({ name: reader.text(), value: reader.sized() });
  const priorValue = reader.sized();
  const oldLength = reader.int32();
  const oldValue = oldLength === sameAsPriorLength ? priorValue : reader.bytes(oldLength);
  const newValue = reader.sized();
  const bufferTimeMs = Number(reader.int64());
  const context = { topic, partition, offset, timestampMs, headers };
  return { bufferTimeMs, context, priorValue, oldValue, newValue };
}

/** Returns the bytes that Kafka Streams counts for a row and its key against `maxBytes`. */
export function suppressRowBytes(
  key: Uint8Array,
  { context, priorValue, oldValue, newValue }: SuppressRow,
): number {
  const headers = context.headers.reduce(
    (sum, { name, value }) => sum + name.length + (value?.length ?? 0),
    0,
  );
  const ofContext = 8 + 8 + context.topic.length + 4 + headers;
  const ofOldValue = equal(oldValue, priorValue) ? 0 : (oldValue?.length ?? 0);
  return 8 + key.length + ofContext + (priorValue?.length ?? 0) + ofOldValue + (newValue?.length ?? 0);
}

const equal = (one: Uint8Array | null, other: Uint8Array | null): boolean =>
  one === null || other === null ? one === other : compareBytes(one, other) === 0;

function int64(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const sized = (value: Uint8Array | null): Buffer =>
  value === null ? int32(nullLength) : Buffer.concat([int32(value.length), value]);

class RowReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  sized(): Uint8Array | null {
    return this.bytes(this.int32());
  }

  text(): string {
    return Buffer.from(this.sized() ?? []).toString();
  }

  bytes(length: number): Uint8Array | null {
    if (length === nullLength) return null;
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) {
      throw new RangeError(
        `A value of ${length} bytes does not fit into the ${this.#bytes.length} bytes of the row`,
      );
    }
    const value = Uint8Array.prototype.slice.call(this.#bytes, this.#at, end);
    this.#at = end;
    return value;
  }
}
