import { type OffsetPlace, type StoredOffset, offsetRecord } from './offsets-topic-records.ts';
import type { PendingOffset } from './pending-offsets.ts';

export interface OffsetWrite {
  readonly place: OffsetPlace;
  readonly committed: StoredOffset | undefined;
}

interface EncodedWrite<Write> {
  readonly write: Write;
  readonly record: ReturnType<typeof offsetRecord>;
}

export const pendingOf = (
  batch: ReadonlyArray<EncodedWrite<Omit<PendingOffset, 'recordOffset'>>>,
  base: bigint,
): PendingOffset[] => batch.map(({ write }, index) => ({ ...write, recordOffset: base + BigInt(index) }));

export function inBatches<Write extends OffsetWrite>(
  writes: readonly Write[],
  batchBytesMax: number,
): Array<Array<EncodedWrite<Write>>> {
  const batches: Array<Array<EncodedWrite<Write>>> = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const write of writes) {
    const record = offsetRecord(write.place, write.committed);
    bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
    if (bytes > batchBytesMax) {
      batches.push([]);
      bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
    }
    batches.at(-1)?.push({ write, record });
  }
  return batches;
}
