import { MalformedRequest } from './malformed-request.ts';

/** Kafka's own limit, in compact form too (protocol notes 2.3). */
const stringBytesMax = 32_767;
/** Of bytes that are no UTF-8 each may become the three of U+FFFD: what is no longer than this can be written again. */
const alwaysWritable = Math.floor(stringBytesMax / 3);
/** Array items of one message, nested ones included: small items become large objects, so bytes alone are no limit. */
const arrayItemsMax = 1_000_000;

/**
 * Reads Kafka's primitive types, big-endian, from one whole message. Every length is checked against the bytes that are left before
 * anything is allocated; what does not fit throws `MalformedRequest`. Byte fields are views of the message, not copies.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #offset: number;
  #end: number;
  #arrayItems = 0;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
    this.#end = bytes.length;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  /** Of all arrays that were read so far, nested ones included. */
  get arrayItems(): number {
    return this.#arrayItems;
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** The text form, 8-4-4-4-12. */
  uuid(): string {
    const start = this.#take(16);
    const hex = this.#bytes.toString('hex', start, start + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** At most 32 bits in at most 5 bytes. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)] as number;
      if (shift === 28 && byte > 0x0f) throw new MalformedRequest('a varint has more than 32 bits');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new MalformedRequest('a varint has more than 5 bytes');
  }

  /** Zigzag, as in records. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  nullableString(): string | null {
    return this.#text(this.int16());
  }

  compactNullableString(): string | null {
    return this.#text(this.uvarint() - 1);
  }

  nullableBytes(): Buffer | null {
    return this.#view(this.int32());
  }

  compactNullableBytes(): Buffer | null {
    return this.#view(this.uvarint() - 1);
  }

  /** The count of an array whose items have at least `itemBytesMin` bytes; -1 is null, as any negative one to Apache Kafka. */
  arrayCount(itemBytesMin: number): number {
    return this.#count(this.int32(), itemBytesMin);
  }

  compactArrayCount(itemBytesMin: number): number {
    return this.#count(this.uvarint() - 1, itemBytesMin);
  }

  /** Runs `read` inside the next `size` bytes, which it has to use up. */
  within<T>(size: number, read: () => T): T {
    if (size > this.remaining)
      throw new MalformedRequest(`a field of ${size} bytes does not fit into ${this.remaining}`);
    const outerEnd = this.#end;
    this.#end = this.#offset + size;
    const value = read();
    if (this.#offset !== this.#end)
      throw new MalformedRequest(`${this.remaining} bytes of a tagged field were not expected`);
    this.#end = outerEnd;
    return value;
  }

  skip(size: number): void {
    this.#take(size);
  }

  #text(length: number): string | null {
    if (length < 0) return null;
    if (length > stringBytesMax)
      throw new MalformedRequest(`a string of ${length} bytes; at most ${stringBytesMax} are allowed`);
    const start = this.#take(length);
    const text = this.#bytes.toString('utf8', start, start + length);
    if (length > alwaysWritable && Buffer.byteLength(text) > stringBytesMax)
      throw new MalformedRequest(
        `a string of ${length} bytes that are no UTF-8, and take more than ${stringBytesMax} once they are`,
      );
    return text;
  }

  #view(length: number): Buffer | null {
    if (length < 0) return null;
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #count(count: number, itemBytesMin: number): number {
    if (count < 0) return -1;
    if (count * itemBytesMin > this.remaining) {
      throw new MalformedRequest(`an array of ${count} items does not fit into ${this.remaining} bytes`);
    }
    this.#arrayItems += count;
    if (this.#arrayItems > arrayItemsMax)
      throw new MalformedRequest(`more than ${arrayItemsMax} array items in one message`);
    return count;
  }

  #take(size: number): number {
    const start = this.#offset;
    if (size < 0 || size > this.#end - start)
      throw new MalformedRequest(`${size} bytes announced, ${this.#end - start} left`);
    this.#offset = start + size;
    return start;
  }
}
