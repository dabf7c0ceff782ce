import { connectLogReader, type FetchedRecord } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { partitions, type RunPlace, type WorkloadName } from './workloads.ts';

/** Adds up what the output says so far. */
interface Tally {
  take(record: FetchedRecord): void;
  readonly total: number;
}

/** The sum of the newest count of each key. */
function newestCounts(): Tally {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    take({ key, value }) {
      const name = key?.toString('latin1') ?? '';
      const count = Number(value?.readBigInt64BE() ?? 0n);
      total += count - (counts.get(name) ?? 0);
      counts.set(name, count);
    },
    get total() {
      return total;
    },
  };
}

function recordCount(): Tally {
  let total = 0;
  return {
    take: () => (total += 1),
    get total() {
      return total;
    },
  };
}

/**
 * Reads the output with `read_committed` until it shows that all input was processed. Resolves with
 * that moment in Unix time. Rejects if the output says more than can be true.
 */
export async function outputComplete(
  { bootstrapServer, output }: RunPlace,
  { name, expected }: { readonly name: WorkloadName; readonly expected: number },
  signal: AbortSignal,
): Promise<number> {
  const tally = name === 'stream-join' ? recordCount() : newestCounts();
  await using reader = connectLogReader({
    bootstrapServers: [bootstrapServer],
    clientId: 'bench-output',
    logger: silentLogger,
    isolation: 'read_committed',
  });
  let positions = Array.from({ length: partitions }, (_each, partition) => ({
    topic: output,
    partition,
    offset: 0n,
  }));
  while (!signal.aborted) {
    const fetched = await reader.fetch(positions);
    for (const { records } of fetched) for (const record of records) tally.take(record);
    if (tally.total === expected) return Date.now();
    if (tally.total > expected)
      throw new Error(`the output of ${name} adds up to ${tally.total}, which is more than ${expected}`);
    positions = positions.map((position, index) => ({
      ...position,
      offset: fetched[index]?.nextOffset ?? position.offset,
    }));
  }
  throw new Error(`the output of ${name} adds up to ${tally.total} instead of ${expected}`);
}
