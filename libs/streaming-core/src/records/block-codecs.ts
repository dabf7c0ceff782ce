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
import { lz4FrameBytesMax } from './lz4-frame.ts';
import type { CompressionCodec } from './record-batch.ts';
import { snappyPieces } from './snappy-block.ts';
import { MalformedBytes } from './varint.ts';

/** Limits how much memory a few bytes from a client can unpack into. */
export const unpackedBytesMax = 64 * 1024 * 1024;

const zlibLimits = { maxOutputLength: unpackedBytesMax };
const pieceBytes = { chunkSize: 256 * 1024 };
/**
 * `tools/imports/follow-imports.ts` looks for this name when it collects the packages of an image.
 */
const require = createRequire(import.meta.url);
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
