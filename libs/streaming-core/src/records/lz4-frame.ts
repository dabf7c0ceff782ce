import { MalformedBytes } from './varint.ts';

/*
 * LZ4 frame format 1.6, little-endian:
 *   magic 04 22 4d 18, flags, block descriptor (bits 4-6: largest block),
 *   content size uint64 if flag 3, dictionary id uint32 if flag 0, header checksum
 * Then the blocks, up to one with the length 0:
 *   length uint32 (bit 31: not compressed), data, checksum if flag 4
 */
const magic = 0x184d2204;
const blockBytesMax: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 };
const notCompressedBit = 0x80000000;

/**
 * Returns the most bytes that a frame can unpack to, from the lengths of its blocks. Throws
 * MalformedBytes if the bytes are not a frame.
 */
export function lz4FrameBytesMax(bytes: Buffer): number {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== magic)
    throw new MalformedBytes('the bytes are not an LZ4 frame');
  const flags = bytes[4]!;
  const largest = blockBytesMax[(bytes[5]! >> 4) & 0x07];
  if (largest === undefined) throw new MalformedBytes('the LZ4 frame has an unknown block size');
  const checksumBytes = (flags & 0x10) !== 0 ? 4 : 0;
  let total = 0;
  for (
    let at = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
    at + 4 <= bytes.length;
  ) {
    const word = bytes.readUInt32LE(at);
    if (word === 0) break;
    const length = word % notCompressedBit;
    total += word >= notCompressedBit ? length : Math.min(largest, length * 255);
    at += 4 + length + checksumBytes;
  }
  return total;
}
