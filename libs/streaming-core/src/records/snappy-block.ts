import { MalformedBytes } from './varint.ts';

/*
 * Clients send snappy raw (librdkafka, Go) or framed like the Java client ("xerial", big-endian):
 *   82 53 4e 41 50 50 59 00, version int32, lowest compatible version int32,
 *   then blocks of length int32 and raw snappy
 * Raw snappy begins with its unpacked size in bytes as a variable-length integer.
 */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = 16;

/**
 * Returns the raw blocks. Throws MalformedBytes if a length is wrong, or if the blocks together
 * would unpack to more than the limit.
 */
export function snappyPieces(bytes: Buffer, unpackedBytesMax: number): readonly Buffer[] {
  const pieces = bytes.subarray(0, xerialMagic.length).equals(xerialMagic) ? xerialPieces(bytes) : [bytes];
  const total = pieces.reduce((sum, piece) => sum + unpackedBytes(piece), 0);
  if (total > unpackedBytesMax)
    throw new MalformedBytes(`the snappy data unpacks to ${total} bytes, the limit is ${unpackedBytesMax}`);
  return pieces;
}

function xerialPieces(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = xerialHeaderBytes; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1;
    if (length < 0 || at + 4 + length > bytes.length)
      throw new MalformedBytes('a snappy block ends beyond its frame');
    pieces.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return pieces;
}

function unpackedBytes(raw: Buffer): number {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = raw[index];
    if (byte === undefined) throw new MalformedBytes('the snappy data has no unpacked length');
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
  throw new MalformedBytes('the unpacked length of the snappy data exceeds 32 bits');
}
