import { readFully, type Disk } from '../disk/disk.ts';
import { batchHeaderBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';

interface BatchScan {
  readonly disk: Disk;
  readonly file: number;
  readonly from: number;
  readonly to: number;
  /** `headers` reads at least the header of each batch, `batches` all of it. */
  readonly bring: 'headers' | 'batches';
}

export interface ScannedBatch {
  readonly position: number;
  /** Valid until the next step or the end of the scan, because the buffer is reused. */
  readonly batch: RecordBatch;
}

const batchChunkBytes = 256 * 1024;
/**
 * Most look-ups end in the first chunk. A long scan over small batches reads larger chunks step by
 * step.
 */
const headerChunkBytes = { min: 2 * 1024, max: 64 * 1024 };

/**
 * The memory of the last finished scan of whole batches. A start after a crash scans thousands of
 * files, and V8 would collect their chunks late.
 */
let spareMemory: ScanMemory | undefined;

class ScanMemory {
  bytes: Buffer;

  constructor(bytes = 0) {
    this.bytes = Buffer.allocUnsafeSlow(bytes);
  }
}

/**
 * Iterates over batches until one does not fit into the range or cannot be a batch. The caller
 * compares that position with the expected end.
 */
export function* scanBatches(scan: BatchScan): Generator<ScannedBatch, void> {
  if (scan.bring === 'headers') return yield* scanWith(new ScanMemory(), scan);
  const memory = spareMemory ?? new ScanMemory(batchChunkBytes);
  spareMemory = undefined;
  try {
    yield* scanWith(memory, scan);
  } finally {
    if (memory.bytes.length === batchChunkBytes) spareMemory = memory;
  }
}

function* scanWith(memory: ScanMemory, scan: BatchScan): Generator<ScannedBatch, void> {
  let chunk: Buffer = memory.bytes.subarray(0, 0);
  let chunkStart = scan.from;
  let bytesAtOnce = scan.bring === 'batches' ? batchChunkBytes : headerChunkBytes.min;
  const load = (position: number, bytes: number) => {
    const wanted = Math.min(bytes, scan.to - position);
    if (memory.bytes.length < wanted) memory.bytes = Buffer.allocUnsafe(wanted);
    chunk = readFully(scan.disk, scan.file, memory.bytes.subarray(0, wanted), position);
    chunkStart = position;
  };
  for (let position = scan.from; position + batchHeaderBytes <= scan.to;) {
    if (position + batchHeaderBytes > chunkStart + chunk.length) load(position, bytesAtOnce);
    if (chunk.length - (position - chunkStart) < batchHeaderBytes) return;
    const size = new RecordBatch(chunk, position - chunkStart).sizeBytes;
    if (size < batchHeaderBytes || position + size > scan.to) return;
    if (scan.bring === 'batches' && position + size > chunkStart + chunk.length)
      load(position, Math.max(size, bytesAtOnce));
    const batch = new RecordBatch(chunk, position - chunkStart);
    if (batch.magic !== currentMagic) return;
    yield { position, batch };
    position += size;
    if (scan.bring === 'headers' && position > chunkStart + chunk.length && size < bytesAtOnce)
      bytesAtOnce = Math.min(2 * bytesAtOnce, headerChunkBytes.max);
  }
}

/**
 * Describes what is wrong with a stored batch that should begin at this offset. Compares the offset
 * too, because the checksum does not cover it.
 */
export function storedBatchProblem(batch: RecordBatch, expectedOffset: bigint): string | undefined {
  if (batch.baseOffset !== expectedOffset)
    return `found offset ${batch.baseOffset}, expected ${expectedOffset}`;
  if (batch.lastOffsetDelta < 0) return `the last offset delta is ${batch.lastOffsetDelta}`;
  return batch.computeCrc() === batch.crc
    ? undefined
    : `the checksum does not match at offset ${expectedOffset}`;
}
