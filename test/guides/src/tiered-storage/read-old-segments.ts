import {
  connectAdmin,
  connectLogReader,
  connectProducer,
  type OpenLogReader,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import { TieredKafka } from './tiered-kafka.ts';

const topic = 'old-orders';
const partition = 0;
/** The smallest that Apache Kafka 4 allows. */
const segmentBytes = 1024 * 1024;
const recordBytes = 1_000;
const perSend = 500;
const tierLimitMs = 180_000;
const readLimitMs = 120_000;

/** How a span of the log was read. */
export interface Span {
  readonly records: number;
  readonly firstRecordMs: number;
  readonly recordsPerSecond: number;
  /** Fetches that failed with an error that passed. */
  readonly errorsPassed: number;
}

export interface TieredFigures {
  readonly written: number;
  readonly remoteSegments: number;
  readonly localSegments: number;
  /** The first offset that the broker's own disk still has. What is before it is only on the remote tier. */
  readonly localFrom: number;
  readonly old: Span;
  readonly recent: Span;
  readonly oldAfterRestart: Span;
  readonly problems: readonly string[];
}

/**
 * Writes a topic whose old segments move to the remote tier, waits until the disk of the broker has
 * lost them, and reads all of it with our client: from the beginning, from a time, and after a kill -9.
 */
export async function readOldSegments(megabytes: number): Promise<TieredFigures> {
  const kafka = await TieredKafka.start();
  const connection = {
    bootstrapServers: kafka.bootstrapServers,
    clientId: 'tiered-storage',
    logger: silentLogger,
  };
  await using reader = connectLogReader(connection);
  try {
    const written = await writeOrders(connection, Math.ceil((megabytes * 1e6) / recordBytes));
    const { local, remote } = await untilTiered(kafka);
    const localFrom = local[0] ?? 0;
    const problems: string[] = [];
    const read = (from: number, to: number) => readSpan(reader, from, to, problems);

    const old = await read(0, localFrom);
    const recent = await read(localFrom, written);
    const middle = Math.floor(localFrom / 2);
    const [found] = await reader.offsetsForTimes([{ topic, partition, timestampMs: timeOf(middle) }]);
    if (Number(found?.offset) !== middle)
      problems.push(`the time of the old record ${middle} led to offset ${found?.offset ?? 'none'}`);
    await kafka.restart();
    const oldAfterRestart = await read(0, localFrom);
    return {
      written,
      remoteSegments: remote.length,
      localSegments: local.length,
      localFrom,
      old,
      recent,
      oldAfterRestart,
      problems,
    };
  } finally {
    await kafka.close();
  }
}

const valueOf = (offset: number): string => `order ${offset} `.padEnd(recordBytes, '.');
const timeOf = (offset: number): number => Date.UTC(2024, 0, 15) + offset * 1_000;

async function writeOrders(
  connection: Parameters<typeof connectProducer>[0],
  count: number,
): Promise<number> {
  await using admin = connectAdmin(connection);
  await using producer = connectProducer(connection);
  const configs = {
    'remote.storage.enable': 'true',
    'segment.bytes': String(segmentBytes),
    'retention.ms': '-1',
    'local.retention.bytes': String(segmentBytes),
  };
  await admin.topics.create([{ name: topic, partitions: 1, configs }]);
  for (let first = 0; first < count; first += perSend) {
    const offsets = Array.from({ length: Math.min(perSend, count - first) }, (_, index) => first + index);
    await producer.send(
      offsets.map((offset) => ({
        topic,
        partition,
        key: null,
        value: valueOf(offset),
        timestampMs: timeOf(offset),
      })),
    );
  }
  return count;
}

/**
 * Waits until no segment moves any more: the remote tier has all but the active one, and the disk only
 * what its retention allows.
 */
async function untilTiered(kafka: TieredKafka) {
  let before = '';
  return until(
    async () => ({ local: await kafka.localSegments(topic), remote: await kafka.remoteSegments(topic) }),
    ({ local, remote }) => {
      const now = JSON.stringify([local, remote]);
      const isLasting = now === before && local.length <= 2 && remote.at(-1) === local.at(-2);
      before = now;
      return isLasting && (local[0] ?? 0) > 0;
    },
    tierLimitMs,
  );
}

/** Reads and compares records. An old segment's first fetch may fail until the broker has its index. */
async function readSpan(reader: OpenLogReader, from: number, to: number, problems: string[]): Promise<Span> {
  const startedAt = performance.now();
  let firstRecordMs = 0;
  let errorsPassed = 0;
  let next = from;
  while (next < to) {
    if (performance.now() - startedAt > readLimitMs)
      throw new Error(`after ${readLimitMs} ms only ${next - from} of ${to - from} records were read`);
    const [answer] = await reader.fetch([{ topic, partition, offset: BigInt(next) }]);
    if (answer?.error !== undefined) errorsPassed += 1;
    for (const { offset, value } of answer?.records ?? []) {
      if (next === from) firstRecordMs ||= performance.now() - startedAt;
      if (Number(offset) !== next) problems.push(`offset ${offset} came instead of ${next}`);
      if (String(value) !== valueOf(Number(offset))) problems.push(`offset ${offset} has another value`);
      next = Number(offset) + 1;
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    records: next - from,
    firstRecordMs: Math.round(firstRecordMs),
    recordsPerSecond: Math.round((next - from) / seconds),
    errorsPassed,
  };
}
