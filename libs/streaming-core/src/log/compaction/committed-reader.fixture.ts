import { everything } from '../data-folder/log-folder.fixture.ts';
import { batchesIn } from '../../records/record-batch.ts';
import { recordsOf, type StoredRecord, markerOf } from '../../records/records.ts';
import type { PartitionLog } from '../partition-log-port.ts';

/**
 * Returns everything that a client sees with isolation.level=read_committed, from the start to the
 * last stable offset, by the algorithm of Kafka's client.
 */
export function readCommitted(log: PartitionLog): StoredRecord[] {
  const seen: StoredRecord[] = [];
  const aborted = new Set<bigint>();
  for (let offset = log.logStartOffset; offset < log.lastStableOffset;) {
    const bytes = log.read(offset, { ...everything, committed: true });
    if (bytes.length === 0)
      throw new Error(
        `a read at ${offset}, below the last stable offset ${log.lastStableOffset}, returned nothing`,
      );
    const begun = [...log.abortedTransactions(offset, bytes)];
    for (const batch of batchesIn(bytes)) {
      while (begun[0] !== undefined && begun[0].firstOffset <= batch.lastOffset)
        aborted.add(begun.shift()!.producerId);
      if (batch.isControl) {
        if (batch.recordCount > 0 && markerOf(batch)?.committed === false) aborted.delete(batch.producerId);
      } else if (!batch.isTransactional || !aborted.has(batch.producerId))
        seen.push(...(recordsOf(batch) ?? []));
      offset = batch.lastOffset + 1n;
    }
  }
  return seen;
}
