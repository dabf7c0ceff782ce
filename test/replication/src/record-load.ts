import { setTimeout as pause } from 'node:timers/promises';
import {
  ClientError,
  connectGroupConsumer,
  connectProducer,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { until } from '@millrace/test-support/stack';
import type { SentRecord, StoredRecord } from './check-records.ts';

export interface RecordLoad {
  acknowledged(): number;
  /** Waits until this many more records are acknowledged in each partition. */
  moreAcknowledged(count: number): Promise<void>;
  /** The longest time without an acknowledgement since the last call. */
  longestSilenceMs(): number;
  /** Ends the producers and waits for the requests in flight. */
  stop(): Promise<{ readonly sent: readonly SentRecord[]; readonly read: readonly StoredRecord[] }>;
}

const recordsPerSend = 5;
const paceMs = 100;
/** Long enough for a request to a broker that was cut off, which the client gives up after 30 s. */
const progressLimitMs = 120_000;
const certain: ReadonlySet<string> = new Set([
  'record_invalid',
  'record_too_large',
  'queue_full',
  'unknown_topic',
]);

/**
 * One producer for each partition, and a consumer that reads all the time. The producers use our
 * client as the services do: idempotent and with acks=all.
 */
export function startRecordLoad(
  bootstrapServers: readonly string[],
  topic: string,
  partitions: number,
): RecordLoad {
  const sent: SentRecord[] = [];
  const read: StoredRecord[] = [];
  const stopping = new AbortController();
  const acknowledged = Array<number>(partitions).fill(0);
  const total = () => acknowledged.reduce((sum, count) => sum + count, 0);
  let lastAt = performance.now();
  let silenceMs = 0;
  const noteAcknowledged = (partition: number, count: number) => {
    acknowledged[partition] = (acknowledged[partition] ?? 0) + count;
    silenceMs = Math.max(silenceMs, performance.now() - lastAt);
    lastAt = performance.now();
  };

  async function produce(partition: number): Promise<void> {
    const producer = connectProducer({
      bootstrapServers,
      clientId: `load-${partition}`,
      logger: silentLogger,
    });
    let sessions = 0;
    for (let count = 0; !stopping.signal.aborted; count += recordsPerSend) {
      const session = `p${partition}.${sessions}`;
      const values = Array.from({ length: recordsPerSend }, (_, index) => `${session}-${count + index}`);
      const records = values.map((value): ProducerRecord => ({ topic, key: null, value, partition }));
      try {
        const written = await producer.send(records);
        sent.push(
          ...written.map(({ offset }, index) => ({
            value: values[index] ?? '',
            session,
            partition,
            offset,
            ...done,
          })),
        );
        noteAcknowledged(partition, written.length);
      } catch (error) {
        const outcome = error instanceof ClientError && certain.has(error.code) ? 'refused' : 'unknown';
        sent.push(...values.map((value): SentRecord => ({ value, session, partition, outcome })));
        sessions += 1;
      }
      await pause(paceMs);
    }
    await producer.close();
  }

  const consuming = followLog(bootstrapServers, topic, partitions, read, stopping.signal);
  const producing = Promise.all(Array.from({ length: partitions }, (_, partition) => produce(partition)));
  return {
    acknowledged: total,
    longestSilenceMs() {
      const longest = Math.max(silenceMs, performance.now() - lastAt);
      silenceMs = 0;
      return Math.round(longest);
    },
    async moreAcknowledged(count) {
      const wanted = acknowledged.map((already) => already + count);
      const missing = () =>
        wanted.flatMap((enough, partition) =>
          (acknowledged[partition] ?? 0) < enough ? [`P${partition}`] : [],
        );
      const all = () => `${count} more records to be acknowledged in ${missing().join(', ')}`;
      await until(all, progressLimitMs, () => missing().length === 0);
    },
    async stop() {
      stopping.abort();
      await Promise.all([producing, consuming]);
      return { sent, read };
    },
  };
}

const done = { outcome: 'acknowledged' } as const;

/**
 * Reads from the first record on, continues after every failure, and keeps the records that it
 * read.
 */
async function followLog(
  bootstrapServers: readonly string[],
  topic: string,
  partitions: number,
  read: StoredRecord[],
  signal: AbortSignal,
): Promise<void> {
  const consumer = connectGroupConsumer({ ...readerOf(bootstrapServers, topic), fetchMaxWaitMs: 200 });
  let positions = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0n }));
  while (!signal.aborted) {
    const answers = await consumer.fetch(positions).catch(() => []);
    for (const { partition, records, nextOffset, error } of answers) {
      if (error !== undefined) continue;
      read.push(...records.map(({ offset, value }) => ({ partition, offset, value: String(value) })));
      positions = positions.map((position) =>
        position.partition === partition ? { topic, partition, offset: nextOffset } : position,
      );
    }
    if (answers.length === 0) await pause(paceMs);
  }
  await consumer.close();
}

const readerOf = (bootstrapServers: readonly string[], topic: string) => ({
  bootstrapServers,
  clientId: 'reader',
  groupId: 'reader',
  topics: [topic],
  logger: silentLogger,
});

/** Reads the whole log up to its current end, with a foreign client. */
export async function readLog(
  bootstrapServers: readonly string[],
  topic: string,
): Promise<readonly StoredRecord[]> {
  const records = await readTopic(bootstrapServers.join(','), topic);
  return records.map(({ partition, offset, value }) => ({ partition, offset: BigInt(offset), value }));
}
