import { crc32c } from '@node-rs/crc32';
import { existsSync, readFileSync } from 'node:fs';

/*
 * `<base offset>.gaps`, beside a segment that compaction wrote; ours, Kafka passes it over. Big-endian:
 *   version int16 = 1, crc uint32 (CRC-32C of the rest), then for each batch that does not follow the one before it
 *   position int32, offset int32, relative to the segment's base
 * The checksum of a batch does not cover its offset: without this list a flipped bit there would pass for a gap.
 */
const version = 1;
const headBytes = 6;
const entryBytes = 8;

export interface Gap {
  readonly position: number;
  readonly relativeOffset: number;
}

export function encodeGaps(gaps: readonly Gap[]): Buffer {
  const bytes = Buffer.alloc(headBytes + gaps.length * entryBytes);
  bytes.writeInt16BE(version, 0);
  gaps.forEach(({ position, relativeOffset }, index) => {
    bytes.writeInt32BE(position, headBytes + index * entryBytes);
    bytes.writeInt32BE(relativeOffset, headBytes + index * entryBytes + 4);
  });
  bytes.writeUInt32BE(crc32c(bytes.subarray(headBytes)), 2);
  return bytes;
}

/** Where the offsets of a segment may jump. */
export class SegmentGaps {
  readonly #bytes: Buffer | undefined;
  readonly #anywhere: boolean;

  private constructor(bytes: Buffer | undefined, anywhere: boolean) {
    this.#bytes = bytes;
    this.#anywhere = anywhere;
  }

  /** A list that is lost or damaged, or that Kafka never wrote, allows a jump anywhere in a segment known to be compacted, and nowhere in another. */
  static read(path: string, { compacted }: { readonly compacted: boolean }): SegmentGaps {
    const bytes = existsSync(path) ? readFileSync(path) : undefined;
    const whole = bytes !== undefined && bytes.length >= headBytes && (bytes.length - headBytes) % entryBytes === 0;
    const valid = whole && bytes.readInt16BE(0) === version && bytes.readUInt32BE(2) === crc32c(bytes.subarray(headBytes));
    return valid ? new SegmentGaps(bytes.subarray(headBytes), false) : new SegmentGaps(undefined, compacted);
  }

  allow(position: number, relativeOffset: bigint): boolean {
    if (this.#bytes === undefined) return this.#anywhere;
    let [low, high] = [0, this.#bytes.length / entryBytes];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bytes.readInt32BE(middle * entryBytes) < position) low = middle + 1;
      else high = middle;
    }
    const at = low * entryBytes;
    return (
      at < this.#bytes.length && this.#bytes.readInt32BE(at) === position && BigInt(this.#bytes.readInt32BE(at + 4)) === relativeOffset
    );
  }
}
