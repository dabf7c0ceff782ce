import type * as Lz4 from 'lz4-napi';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import {
  createGunzip,
  createZstdDecompress,
  gunzipSync,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompressSync,
  type Gunzip,
  type ZstdDecompress,
} from 'node:zlib';
import type * as Snappy from 'snappy';
import type { CompressionCodec } from './record-batch.ts';
import { MalformedBytes } from './varint.ts';

/** Limits how much memory a few bytes from a client can unpack into. */
export const unpackedBytesMax = 64 * 1024 * 1024;

const zlibLimits = { maxOutputLength: unpackedBytesMax };
const pieceBytes = { chunkSize: 256 * 1024 };
/**
 * `tools/imports/follow-imports.ts` looks for this name when it collects the packages of an image.
 */
const require = createRequire(import.meta.url);

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

/*
 * Clients send snappy raw (librdkafka, Go) or framed like the Java client ("xerial", big-endian):
 *   82 53 4e 41 50 50 59 00, version int32, lowest compatible version int32,
 *   then blocks of length int32 and raw snappy
 * Raw snappy begins with its unpacked size in bytes as a variable-length integer.
 */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const xerialHeaderBytes = 16;

/**
 * Loaded when the first batch needs it. Most brokers never need it, and start faster without it.
 */
const snappy = () => require('snappy') as typeof Snappy;
const lz4 = () => require('lz4-napi') as typeof Lz4;
const inThePool = {
  gzip: promisify<Buffer, Buffer>(gzip),
  zstdCompress: promisify<Buffer, Buffer>(zstdCompress),
};

/**
 * Unpacks a compressed block. Throws the codec's error for invalid bytes, and an error for more
 * than `unpackedBytesMax`.
 */
export function unpackSync(codec: CompressionCodec, bytes: Buffer): Buffer {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzipSync(bytes, zlibLimits);
    case 'zstd':
      return zstdDecompressSync(bytes, zlibLimits);
    case 'snappy':
      return joined(
        snappyPieces(bytes, unpackedBytesMax).map(
          (piece) => snappy().uncompressSync(piece, { asBuffer: true }) as Buffer,
        ),
      );
    case 'lz4':
      checkLz4(bytes);
      return lz4().decompressFrameSync(bytes);
  }
}

/**
 * Unpacks in the thread pool and returns pieces. Joining many megabytes takes a while, so the
 * caller decides how to divide that work.
 */
export async function unpack(codec: CompressionCodec, bytes: Buffer): Promise<readonly Buffer[]> {
  switch (codec) {
    case 'none':
      return [bytes];
    case 'gzip':
      return piecesOf(createGunzip(pieceBytes), bytes);
    case 'zstd':
      return piecesOf(createZstdDecompress(pieceBytes), bytes);
    case 'snappy': {
      const pieces: Buffer[] = [];
      for (const piece of snappyPieces(bytes, unpackedBytesMax))
        pieces.push((await snappy().uncompress(piece, { asBuffer: true })) as Buffer);
      return pieces;
    }
    case 'lz4':
      checkLz4(bytes);
      return [await lz4().decompressFrame(bytes)];
  }
}

async function piecesOf(stream: Gunzip | ZstdDecompress, bytes: Buffer): Promise<readonly Buffer[]> {
  const pieces: Buffer[] = [];
  let unpackedBytes = 0;
  stream.end(bytes);
  for await (const piece of stream as AsyncIterable<Buffer>) {
    unpackedBytes += piece.length;
    if (unpackedBytes > unpackedBytesMax)
      throw new MalformedBytes(`the block unpacks to more than ${unpackedBytesMax} bytes`);
    pieces.push(piece);
  }
  return pieces;
}

/**
 * Returns the raw blocks. Throws MalformedBytes if a length is wrong, or if the blocks together
 * would unpack to more than the limit.
 */
function snappyPieces(bytes: Buffer, unpackedBytesMax: number): readonly Buffer[] {
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

/** Compresses the block of a batch that the broker or a test creates. */
export function packSync(codec: CompressionCodec, bytes: Buffer): Buffer {
  switch (codec) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'zstd':
      return zstdCompressSync(bytes);
    case 'snappy':
      return snappy().compressSync(bytes);
    case 'lz4':
      return lz4().compressFrameSync(bytes);
  }
}

/**
 * Compresses in the thread pool. Writes raw snappy, which readers accept as well as Java's framing.
 */
export function pack(codec: CompressionCodec, bytes: Buffer): Promise<Buffer> {
  switch (codec) {
    case 'none':
      return Promise.resolve(bytes);
    case 'gzip':
      return inThePool.gzip(bytes);
    case 'zstd':
      return inThePool.zstdCompress(bytes);
    case 'snappy':
      return snappy().compress(bytes);
    case 'lz4':
      return lz4().compressFrame(bytes);
  }
}

const joined = (pieces: readonly Buffer[]): Buffer =>
  pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);

function checkLz4(bytes: Buffer): void {
  const bytesMax = lz4FrameBytesMax(bytes);
  if (bytesMax > unpackedBytesMax)
    throw new MalformedBytes(
      `the LZ4 frame can unpack to ${bytesMax} bytes, the limit is ${unpackedBytesMax}`,
    );
}

/**
 * Returns the most bytes that a frame can unpack to, from the lengths of its blocks. Throws
 * MalformedBytes if the bytes are not a frame.
 */
function lz4FrameBytesMax(bytes: Buffer): number {
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
