import { readFully, type Disk } from './disk.ts';
import { batchHeaderBytes, currentMagic, RecordBatch } from './record-batch.ts';

export interface BatchScan {
  readonly disk: Disk;
  readonly file: number;
  readonly from: number;
  readonly to: number;
  /** With `headers` only the header of each batch may be read; `batches` brings all of it. */
  readonly bring: 'headers' | 'batches';
}

export interface ScannedBatch {
  readonly position: number;
  /** Valid until the next one is asked for: the buffer is used again. */
  readonly batch: RecordBatch;
}

const batchChunkBytes = 1024 * 1024;
/** Most look-ups end in the first chunk; a long walk over small batches soon reads more at a time. */
const headerChunkBytes = { min: 2 * 1024, max: 64 * 1024 };

/** Batches one after the other, until one does not fit in the range or cannot be a batch: the caller compares where that was with the end. */
export function* scanBatches(scan: BatchScan): Generator<ScannedBatch, void> {
  let chunk: Buffer = Buffer.alloc(0);
  let chunkStart = scan.from;
  let bytesAtOnce = scan.bring === 'batches' ? batchChunkBytes : headerChunkBytes.min;
  const load = (position: number, bytes: number) => {
    chunk = readFully(scan.disk, scan.file, Buffer.allocUnsafe(Math.min(bytes, scan.to - position)), position);
    chunkStart = position;
  };
  for (let position = scan.from; position + batchHeaderBytes <= scan.to;) {
    if (position + batchHeaderBytes > chunkStart + chunk.length) load(position, bytesAtOnce);
    if (chunk.length - (position - chunkStart) < batchHeaderBytes) return;
    const size = new RecordBatch(chunk, position - chunkStart).sizeBytes;
    if (size < batchHeaderBytes || position + size > scan.to) return;
    if (scan.bring === 'batches' && position + size > chunkStart + chunk.length) load(position, Math.max(size, bytesAtOnce));
    const batch = new RecordBatch(chunk, position - chunkStart);
    if (batch.magic !== currentMagic) return;
    yield { position, batch };
    position += size;
    if (scan.bring === 'headers' && position > chunkStart + chunk.length && size < bytesAtOnce)
      bytesAtOnce = Math.min(2 * bytesAtOnce, headerChunkBytes.max);
  }
}

/** What is wrong with a whole stored batch that should begin at this offset. The checksum does not cover the offset, so that is compared too. */
export function storedBatchProblem(batch: RecordBatch, expectedOffset: bigint): string | undefined {
  if (batch.baseOffset !== expectedOffset) return `offset ${batch.baseOffset} where ${expectedOffset} was expected`;
  if (batch.lastOffsetDelta < 0) return `last offset delta ${batch.lastOffsetDelta}`;
  return batch.computeCrc() === batch.crc ? undefined : `checksum does not match at offset ${expectedOffset}`;
}
