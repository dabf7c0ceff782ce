const chunkBytesMin = 512;
/**
 * Byte fields of at least this size are passed on without copying. The caller must not change them
 * before they are sent.
 */
const sharedBytesMin = 4_096;

/**
 * Writes Kafka's primitive types, which are big-endian, into a list of chunks that a socket can
 * send with one vectored write.
 */
export class WireWriter {
  readonly #chunks: Buffer[] = [];
  #current: Buffer;
  #start = 0;
  #offset = 0;
  #finishedBytes = 0;

  constructor(sizeHint = chunkBytesMin) {
    this.#current = Buffer.allocUnsafe(Math.max(sizeHint, 16));
  }

  get length(): number {
    return this.#finishedBytes + this.#offset - this.#start;
  }

  /** Returns everything written so far, in order. */
  chunks(): readonly Buffer[] {
    this.#endChunk();
    return this.#chunks;
  }

  /** Returns a copy in one piece. */
  toBuffer(): Buffer {
    return Buffer.concat(this.chunks());
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#current.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#current.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#current.writeInt32BE(value, at);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#current.writeBigInt64BE(value, at);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#current.writeDoubleBE(value, at);
  }

  uuid(value: string): void {
    const at = this.#reserve(16);
    const hex = value.replaceAll('-', '');
    if (hex.length !== 32 || this.#current.write(hex, at, 16, 'hex') !== 16)
      throw new TypeError(`not a UUID: ${value}`);
  }

  uvarint(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.#byte(rest);
  }

  /** Zigzag-encoded, as in records. */
  varint(value: number): void {
    this.uvarint((value << 1) ^ (value >> 31));
  }

  nullableString(value: string | null): void {
    if (value === null) return this.int16(-1);
    const size = stringBytes(value);
    this.int16(size);
    this.#text(value, size);
  }

  compactNullableString(value: string | null): void {
    if (value === null) return this.uvarint(0);
    const size = stringBytes(value);
    this.uvarint(size + 1);
    this.#text(value, size);
  }

  nullableBytes(value: Buffer | null): void {
    this.int32(value?.length ?? -1);
    if (value !== null) this.bytes(value);
  }

  compactNullableBytes(value: Buffer | null): void {
    this.uvarint(value === null ? 0 : value.length + 1);
    if (value !== null) this.bytes(value);
  }

  /** Raw bytes without a length. */
  bytes(value: Buffer): void {
    if (value.length >= sharedBytesMin) {
      this.#endChunk();
      this.#chunks.push(value);
      this.#finishedBytes += value.length;
      return;
    }
    const at = this.#reserve(value.length);
    value.copy(this.#current, at);
  }

  #text(value: string, size: number): void {
    const at = this.#reserve(size);
    this.#current.write(value, at, size, 'utf8');
  }

  #byte(value: number): void {
    const at = this.#reserve(1);
    this.#current[at] = value;
  }

  #reserve(size: number): number {
    if (this.#current.length - this.#offset < size) {
      this.#endChunk();
      this.#current = Buffer.allocUnsafe(Math.max(size, this.#current.length * 2, chunkBytesMin));
      this.#start = 0;
      this.#offset = 0;
    }
    const at = this.#offset;
    this.#offset += size;
    return at;
  }

  #endChunk(): void {
    if (this.#offset === this.#start) return;
    this.#chunks.push(this.#current.subarray(this.#start, this.#offset));
    this.#finishedBytes += this.#offset - this.#start;
    this.#start = this.#offset;
  }
}

function stringBytes(value: string): number {
  const size = Buffer.byteLength(value);
  if (size > 32_767) throw new RangeError(`a string of ${size} bytes is too long; the limit is 32767`);
  return size;
}
