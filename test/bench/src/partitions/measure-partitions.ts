import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  type Producer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startOurs } from '../broker/engines.ts';
import { memoryOf } from '../broker/process-usage.ts';
import { percentile, round } from '../numbers.ts';
import { namesIn } from '../process-tree.ts';

export interface PartitionsMeasured {
  readonly partitions: number;
  readonly createMs: number;
  /** Open files of the broker's process, once every partition has records. */
  readonly openFiles: number;
  readonly residentMb: number;
  readonly sentPerSecond: number;
  /** Acknowledgements of single records, one after the other. */
  readonly ackP50Ms: number;
  readonly ackP99Ms: number;
  /** From a reader's start to its last record. */
  readonly readMs: number;
  readonly read: number;
  /** From the start command to the first answer, after a graceful end. */
  readonly startMs: number;
}

const topic = 'measured';
const keys = 10_000;
const batchMax = 10_000;
const singles = 300;
const value = 'x'.repeat(100);

/** Measures what a topic with so many partitions costs a broker that has no other. */
export async function measurePartitions(partitions: number, records: number): Promise<PartitionsMeasured> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'millrace-partitions-'));
  const broker = await startOurs('commit', [], folder);
  parts.defer(() => broker.stop());
  const filled = await fill(broker, partitions, records);
  await broker.end();
  const again = await startOurs('commit', [], folder);
  parts.defer(() => again.stop());
  return { partitions, ...filled, startMs: Math.round(again.startMs) };
}

async function fill(
  { port, pid }: { readonly port: number; readonly pid: number },
  partitions: number,
  records: number,
) {
  const connection = { bootstrapServers: [`127.0.0.1:${port}`], clientId: 'bench', logger: silentLogger };
  await using admin = connectAdmin(connection);
  const createMs = await timed(() => admin.topics.create([{ name: topic, partitions }]));
  await using producer = connectProducer({ ...connection, lingerMs: 5, queueRecordsMax: 2 * batchMax });
  const sendMs = await timed(() => sendAll(producer, records));
  const acks = await sendSingly(producer);
  const openFiles = namesIn(`/proc/${pid}/fd`).length;
  const { residentMb } = memoryOf(pid);
  await using consumer = connectConsumer({
    ...connection,
    groupId: 'bench',
    topics: [topic],
    autoOffsetReset: 'earliest',
  });
  let read = 0;
  const readMs = await timed(async () => {
    for await (const batch of consumer.batches()) {
      read += batch.records.length;
      if (read >= records + singles) break;
    }
  });
  return {
    createMs: Math.round(createMs),
    openFiles,
    residentMb: Math.round(residentMb),
    sentPerSecond: Math.round((records * 1_000) / sendMs),
    ackP50Ms: round(percentile(acks, 0.5)),
    ackP99Ms: round(percentile(acks, 0.99)),
    readMs: Math.round(readMs),
    read,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const recordOf = (number: number) => ({ topic, key: `key-${number % keys}`, value });

async function sendAll(producer: Producer, records: number): Promise<void> {
  for (let from = 0; from < records; from += batchMax) {
    const count = Math.min(batchMax, records - from);
    await producer.send(Array.from({ length: count }, (_, index) => recordOf(from + index)));
  }
}

/** Returns the times of the acknowledgements in ascending order. */
async function sendSingly(producer: Producer): Promise<readonly number[]> {
  const times: number[] = [];
  for (let number = 0; number < singles; number += 1)
    times.push(await timed(() => producer.send([recordOf(number)])));
  return times.sort((one, other) => one - other);
}

/** How many records a run of that many must have read. */
export const recordsToRead = (records: number): number => records + singles;
