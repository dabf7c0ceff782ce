import { fetch, type WireClient } from '@millrace/streaming-core/protocol';
import { RecordBatch, recordsOf } from '@millrace/streaming-core/records';

export interface SurveyedRecord {
  readonly offset: bigint;
  readonly key: string;
  /** Null deletes the key. */
  readonly value: string | null;
  /** Whether readers of committed records get it. */
  readonly isCommitted: boolean;
}

/** The marker that ends a transaction in this partition. */
export interface SurveyedMarker {
  readonly offset: bigint;
}

export interface PartitionToRead {
  readonly topic: string;
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

export interface ReadPartition {
  /** The offset up to which readers of committed records got, if they were asked. */
  readonly stable?: bigint;
  readonly records: readonly SurveyedRecord[];
  readonly markers: readonly SurveyedMarker[];
  readonly errorCode?: number;
}

interface ReadBatches {
  readonly batches: readonly RecordBatch[];
  readonly aborted: ReadonlyArray<{ readonly producerId: bigint; readonly firstOffset: bigint }>;
  readonly stable: bigint;
  readonly errorCode: number;
}

const fetchBytes = 4_000_000;
const anything = 0;
const committedOnly = 1;

/**
 * Reads every record, and says which of them readers of committed records get. If no record belongs
 * to a transaction, they get all of them. Throws when a batch is damaged.
 */
export async function readPartition(client: WireClient, place: PartitionToRead): Promise<ReadPartition> {
  const all = await readBatches(client, place, anything);
  const decided = all.batches.some(({ isTransactional }) => isTransactional)
    ? await readBatches(client, place, committedOnly)
    : undefined;
  const errorCode = all.errorCode || (decided?.errorCode ?? 0);
  if (errorCode !== 0) return { records: [], markers: [], errorCode };
  const committed = decided === undefined ? undefined : committedOffsets(decided);
  const inLog = ({ offset }: { readonly offset: bigint }) => offset >= place.start;
  const records = all.batches
    .filter(({ isControl }) => !isControl)
    .flatMap((batch) => recordsIn(batch, committed));
  const markers = all.batches
    .filter(({ isControl }) => isControl)
    .map(({ baseOffset }) => ({ offset: baseOffset }));
  return {
    ...(decided && { stable: decided.stable }),
    records: records.filter(inLog),
    markers: markers.filter(inLog),
  };
}

async function readBatches(
  client: WireClient,
  place: PartitionToRead,
  isolationLevel: number,
): Promise<ReadBatches> {
  const batches: RecordBatch[] = [];
  const aborted: Array<ReadBatches['aborted'][number]> = [];
  const name = `${place.topic}-${place.partition}`;
  // Fetches at least once, since a partition that cannot be read may still know its offsets.
  for (let offset = place.start, stable = place.end; ;) {
    const answer = await fetchFrom(client, place, offset, isolationLevel);
    if (answer.errorCode !== 0) return { batches, aborted, stable, errorCode: answer.errorCode };
    if (isolationLevel === committedOnly) stable = answer.lastStableOffset;
    if (offset >= stable) return { batches, aborted, stable, errorCode: 0 };
    const read = batchesFrom(answer.records ?? Buffer.alloc(0));
    const next = (read.at(-1)?.lastOffset ?? -1n) + 1n;
    if (next <= offset) throw new Error(`${name} serves nothing at offset ${offset}, below ${stable}`);
    batches.push(...read);
    aborted.push(...(answer.abortedTransactions ?? []));
    offset = next;
  }
}

async function fetchFrom(
  client: WireClient,
  { topic, partition }: PartitionToRead,
  fetchOffset: bigint,
  isolationLevel: number,
) {
  const { responses } = await client.send(fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    isolationLevel,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: fetchBytes }] }],
  });
  const answer = responses[0]?.partitions[0];
  if (answer === undefined) throw new Error(`the answer to Fetch names no ${topic}-${partition}`);
  return answer;
}

/** Unpacks every batch and checks its checksum and records, as a client does. */
function batchesFrom(bytes: Buffer): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    if (batch.computeCrc() !== batch.crc)
      throw new Error(`the batch at offset ${batch.baseOffset} was served with a wrong checksum`);
    batches.push(batch);
    at += batch.sizeBytes;
  }
  return batches;
}

function recordsIn(
  batch: RecordBatch,
  committed: ReadonlySet<bigint> | undefined,
): readonly SurveyedRecord[] {
  const held = recordsOf(batch);
  if (held === undefined)
    throw new Error(`the batch at offset ${batch.baseOffset} was served and cannot be unpacked`);
  return held.map(({ offset, key, value }) => ({
    offset,
    key: String(key),
    value: value === null ? null : String(value),
    isCommitted: committed?.has(offset) ?? true,
  }));
}

/**
 * Follows the rule of Kafka's clients: they skip what a listed transaction wrote from its first
 * offset up to its marker.
 */
function committedOffsets({ batches, aborted }: ReadBatches): ReadonlySet<bigint> {
  const waiting = [...aborted].sort((one, other) => (one.firstOffset < other.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  const committed = new Set<bigint>();
  for (const batch of batches) {
    for (
      let next = waiting[0];
      next !== undefined && next.firstOffset <= batch.lastOffset;
      next = waiting[0]
    ) {
      open.add(next.producerId);
      waiting.shift();
    }
    if (batch.isControl) open.delete(batch.producerId);
    else if (!batch.isTransactional || !open.has(batch.producerId))
      for (const { offset } of recordsOf(batch) ?? []) committed.add(offset);
  }
  return committed;
}
