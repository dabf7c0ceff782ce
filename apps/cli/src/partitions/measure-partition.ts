import { connectLogReader, connectProducer, type Admin } from '@millrace/streaming-core/client';
import type { Clock, DurationMs } from '@millrace/streaming-core/runtime';
import type { clusterOf } from '../addresses.ts';

export interface Measurement {
  /** Messages per second that one partition took with acks=all. */
  readonly producedPerPartition: number;
  /** Messages per second that one consumer read from the partition. */
  readonly consumedPerPartition: number;
}

export interface MeasureOptions {
  readonly cluster: ReturnType<typeof clusterOf>;
  readonly admin: Admin;
  readonly clock: Clock;
  readonly topic: string;
  readonly replicas: number | undefined;
  readonly messageBytes: number;
  readonly forMs: DurationMs;
  readonly signal: AbortSignal;
  readonly onProgress: (doneMs: number, totalMs: number) => void;
}

const messagesInFlight = 5_000;

/** Writes a topic with one partition for a while and reads it back. Deletes the topic in any case. */
export async function measurePartition(options: MeasureOptions): Promise<Measurement> {
  const { admin, topic, replicas } = options;
  await admin.topics.create([{ name: topic, partitions: 1, replicationFactor: replicas }]);
  try {
    const { sent, perSecond } = await produce(options);
    return { producedPerPartition: perSecond, consumedPerPartition: await consume(options, sent) };
  } finally {
    await admin.topics.delete([topic]);
  }
}

async function produce({
  cluster,
  clock,
  topic,
  messageBytes,
  forMs,
  signal,
  onProgress,
}: MeasureOptions): Promise<{ sent: number; perSecond: number }> {
  await using producer = connectProducer({ ...cluster, lingerMs: 5 });
  const records = Array.from({ length: messagesInFlight }, () => ({
    topic,
    key: null,
    value: Buffer.alloc(messageBytes, 'm'),
  }));
  await producer.send(records.slice(0, 1)); // the connection is not part of the measurement
  const start = clock.now();
  let sent = 0;
  while (clock.now() - start < forMs && !signal.aborted) {
    await producer.send(records);
    sent += records.length;
    onProgress(clock.now() - start, forMs);
  }
  return { sent: sent + 1, perSecond: perSecond(sent, clock.now() - start) };
}

async function consume({ cluster, clock, topic }: MeasureOptions, count: number): Promise<number> {
  await using reader = connectLogReader(cluster);
  await reader.identify([topic]);
  const start = clock.now();
  let read = 0;
  for (let offset = 0n; read < count;) {
    const [fetched] = await reader.fetch([{ topic, partition: 0, offset }]);
    if (fetched?.error !== undefined) throw fetched.error;
    read += fetched?.records.length ?? 0;
    offset = fetched?.nextOffset ?? offset;
  }
  return perSecond(read, clock.now() - start);
}

const perSecond = (count: number, durationMs: DurationMs): number =>
  Math.round((count * 1_000) / Math.max(1, durationMs));
