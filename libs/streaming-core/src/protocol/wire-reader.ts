/** Kafka's own limit. It applies to compact strings too. */
const stringBytesMax = 32_767;
/**
 * Each byte of invalid UTF-8 may become the three bytes of U+FFFD. A string up to this length can
 * be encoded again in any case.
 */
const alwaysWritable = Math.floor(stringBytesMax / 3);
/**
 * Limit on the array items of one message, nested ones included. A limit on bytes is not enough,
 * since small items become large objects.
 */
const arrayItemsMax = 1_000_000;

/**
 * Reads Kafka's primitive types, which are big-endian, from one whole message. Every length is
 * checked against the remaining bytes before anything is allocated; one that does not fit throws
 * `MalformedRequest`. Byte fields are views of the message, not copies.
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

  /** The number of array items read so far, nested ones included. */
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

  /** Returns the text form, 8-4-4-4-12. */
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

  /** Zigzag-encoded, as in records. */
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

  /**
   * Reads the item count of an array whose items have at least `itemBytesMin` bytes. Returns -1 for
   * null, which is any negative count, as in Apache Kafka.
   */
  arrayCount(itemBytesMin: number): number {
    return this.#count(this.int32(), itemBytesMin);
  }

  compactArrayCount(itemBytesMin: number): number {
    return this.#count(this.uvarint() - 1, itemBytesMin);
  }

  /** Runs `read` on the next `size` bytes. Throws if it leaves any of them unread. */
  within<T>(size: number, read: () => T): T {
    if (size > this.remaining)
      throw new MalformedRequest(`a field of ${size} bytes exceeds the ${this.remaining} that are left`);
    const outerEnd = this.#end;
    this.#end = this.#offset + size;
    const value = read();
    if (this.#offset !== this.#end)
      throw new MalformedRequest(`${this.remaining} unexpected bytes at the end of a tagged field`);
    this.#end = outerEnd;
    return value;
  }

  skip(size: number): void {
    this.#take(size);
  }

  #text(length: number): string | null {
    if (length < 0) return null;
    if (length > stringBytesMax)
      throw new MalformedRequest(`a string of ${length} bytes; the limit is ${stringBytesMax}`);
    const start = this.#take(length);
    const text = this.#bytes.toString('utf8', start, start + length);
    if (length > alwaysWritable && Buffer.byteLength(text) > stringBytesMax)
      throw new MalformedRequest(
        `a string of ${length} bytes that is not valid UTF-8 and takes more than ${stringBytesMax} after replacement`,
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
      throw new MalformedRequest(
        `an array of ${count} items does not fit into the ${this.remaining} bytes that are left`,
      );
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

/**
 * Bytes that are not a message of the version that they claim. The connection is closed, since
 * nothing after them can be trusted.
 */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly code = 'MALFORMED_REQUEST';
}
