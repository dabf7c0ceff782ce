import { crc32c } from '@node-rs/crc32';
import { existsSync, readFileSync } from 'node:fs';

/*
 * `<base offset>.gaps`, beside a segment that compaction wrote. The format is ours; Kafka ignores
 * the file. Big-endian:
 *   version int16 = 2, crc uint32 (CRC-32C of the rest),
 *   end int32: the offset after the last batch,
 *   then position int32, offset int32 for each batch that does not follow the previous one
 * All offsets are relative to the segment's base. Version 1 had no end.
 * The checksum of a batch does not cover its offset: without this list, a flipped bit in an offset
 * would look like a gap. Without the end, lost batches would look like a gap, since the next
 * segment may begin anywhere after them.
 */
const version = 2;
const headBytes = 10;
const headBytesOfVersion1 = 6;
const entryBytes = 8;

export interface Gap {
  readonly position: number;
  readonly relativeOffset: number;
}

export function encodeGaps(gaps: readonly Gap[], relativeEnd: number): Buffer {
  const bytes = Buffer.alloc(headBytes + gaps.length * entryBytes);
  bytes.writeInt16BE(version, 0);
  bytes.writeInt32BE(relativeEnd, 6);
  gaps.forEach(({ position, relativeOffset }, index) => {
    bytes.writeInt32BE(position, headBytes + index * entryBytes);
    bytes.writeInt32BE(relativeOffset, headBytes + index * entryBytes + 4);
  });
  bytes.writeUInt32BE(crc32c(bytes.subarray(6)), 2);
  return bytes;
}

/** The places where the offsets of a segment may jump, and the offset where they end. */
export class SegmentGaps {
  readonly #bytes: Buffer | undefined;
  readonly #anywhere: boolean;
  /** The offset after the last batch, or undefined if the file does not say. */
  readonly relativeEnd: bigint | undefined;

  private constructor(
    known: { readonly bytes: Buffer; readonly relativeEnd: bigint | undefined } | undefined,
    anywhere: boolean,
  ) {
    this.#bytes = known?.bytes;
    this.relativeEnd = known?.relativeEnd;
    this.#anywhere = anywhere;
  }

  /**
   * A list that is lost or damaged, or that Kafka never wrote, allows jumps anywhere in a segment
   * that is known to be compacted, and nowhere in another one.
   */
  static read(path: string, { compacted }: { readonly compacted: boolean }): SegmentGaps {
    const known = existsSync(path) ? decode(readFileSync(path)) : undefined;
    return new SegmentGaps(known, known === undefined && compacted);
  }

  allow(position: number, relativeOffset: bigint): boolean {
    if (this.#bytes === undefined) return this.#anywhere;
    let low = 0;
    let high = this.#bytes.length / entryBytes;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bytes.readInt32BE(middle * entryBytes) < position) low = middle + 1;
      else high = middle;
    }
    const at = low * entryBytes;
    return (
      at < this.#bytes.length &&
      this.#bytes.readInt32BE(at) === position &&
      BigInt(this.#bytes.readInt32BE(at + 4)) === relativeOffset
    );
  }
}

/** Returns undefined for malformed bytes and for a newer version. */
function decode(
  bytes: Buffer,
): { readonly bytes: Buffer; readonly relativeEnd: bigint | undefined } | undefined {
  const head = bytes.length >= 2 && bytes.readInt16BE(0) === 1 ? headBytesOfVersion1 : headBytes;
  if (bytes.length < head || (bytes.length - head) % entryBytes !== 0) return undefined;
  if (
    bytes.readInt16BE(0) > version ||
    bytes.readInt16BE(0) < 1 ||
    bytes.readUInt32BE(2) !== crc32c(bytes.subarray(6))
  )
    return undefined;
  return {
    bytes: bytes.subarray(head),
    relativeEnd: head === headBytes ? BigInt(bytes.readInt32BE(6)) : undefined,
  };
}
