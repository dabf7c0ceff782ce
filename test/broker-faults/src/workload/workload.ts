import { setTimeout as pause } from 'node:timers/promises';
import {
  ClientError,
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type ProducerRecord,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { LogHistory, Poll, Send } from '@millrace/test-support/log-history';
import { partitions, topic } from './topic.ts';
import { endTransactions, runTransactions } from './transactions.ts';

export interface Workload {
  acknowledged(): number;
  committed(): number;
  /** Ends the producers, then reads every log to its end. */
  stop(): Promise<LogHistory>;
}

const producers = 3;
const transactionalProducers = 2;
const consumers = 2;
const recordsPerSend = 4;
/** Errors of the broker or of our client after which nothing was written. */
const certain: ReadonlySet<string> = new Set([
  'record_invalid',
  'record_too_large',
  'queue_full',
  'unknown_topic',
]);

/**
 * Idempotent and transactional producers and readers of committed records on one topic. They use
 * the client that the services use. Each value is sent only once, whatever its outcome.
 */
export async function startWorkload(bootstrapServers: readonly string[]): Promise<Workload> {
  const admin = connectAdmin({ bootstrapServers, clientId: 'workload', logger: silentLogger });
  await admin
    .createTopics([{ name: topic, partitions, retention: 'unlimited', cleanup: 'delete' }])
    .finally(() => admin.close());
  const sends: Send[] = [];
  const polls: Poll[] = [];
  const stopping = new AbortController();
  const producing = Promise.all(
    Array.from({ length: producers }, (_, index) => produce(bootstrapServers, index, sends, stopping.signal)),
  );
  const inTransactions = Promise.all(
    Array.from({ length: transactionalProducers }, (_, index) =>
      runTransactions(bootstrapServers, index, sends, stopping.signal),
    ),
  );
  const consuming = Promise.all(
    Array.from({ length: consumers }, (_, index) => consume(bootstrapServers, index, polls, stopping.signal)),
  );
  return {
    acknowledged: () => sends.filter(({ outcome }) => outcome === 'acknowledged').length,
    committed: () =>
      new Set(
        sends.flatMap(({ outcome, transaction }) => (outcome === 'acknowledged' ? (transaction ?? []) : [])),
      ).size,
    async stop() {
      stopping.abort();
      await Promise.all([producing, inTransactions, consuming]);
      await endTransactions(bootstrapServers, transactionalProducers);
      await readToEnd(bootstrapServers, polls);
      return { sends, polls };
    },
  };
}

async function produce(
  bootstrapServers: readonly string[],
  index: number,
  sends: Send[],
  signal: AbortSignal,
): Promise<void> {
  const producer = connectProducer({ bootstrapServers, clientId: `producer-${index}`, logger: silentLogger });
  let sessions = 0;
  for (let count = 0; !signal.aborted; count += recordsPerSend) {
    const session = `p${index}.${sessions}`;
    const partition = (count / recordsPerSend) % partitions;
    const sent = Array.from({ length: recordsPerSend }, (_, record) => ({
      topic,
      partition,
      session,
      value: `${session}-${count + record}`,
    }));
    const records = sent.map(({ value }): ProducerRecord => ({ topic, key: null, value, partition }));
    try {
      const written = await producer.send(records);
      sends.push(
        ...sent.map((each, record): Send => ({
          ...each,
          outcome: 'acknowledged',
          offset: written[record]?.offset,
        })),
      );
    } catch (error) {
      const outcome = error instanceof ClientError && certain.has(error.code) ? 'failed' : 'unknown';
      sends.push(...sent.map((each): Send => ({ ...each, outcome })));
      sessions += 1;
    }
    await pause(2);
  }
  await producer.close();
}

const readerOf = (bootstrapServers: readonly string[], consumer: string) =>
  connectGroupConsumer({
    bootstrapServers,
    clientId: consumer,
    groupId: consumer,
    topics: [topic],
    logger: silentLogger,
    fetchMaxWaitMs: 100,
    isolation: 'read_committed',
  });

type Reader = ReturnType<typeof readerOf>;
type Positions = ReadonlyArray<{
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}>;

const fromTheStart = (): Positions =>
  Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0n }));

/** Reads from the first record on, and continues where it was after every failure. */
async function consume(
  bootstrapServers: readonly string[],
  index: number,
  polls: Poll[],
  signal: AbortSignal,
): Promise<void> {
  const consumer = `c${index}`;
  const reader = readerOf(bootstrapServers, consumer);
  let positions = fromTheStart();
  while (!signal.aborted) {
    const answered = await poll(reader, consumer, positions, polls).catch(() => undefined);
    if (answered === undefined) await pause(20);
    else positions = answered;
  }
  await reader.close();
}

async function poll(
  reader: Reader,
  consumer: string,
  positions: Positions,
  polls: Poll[],
  final?: true,
): Promise<Positions> {
  const answers = await reader.fetch([...positions]);
  let next = positions;
  const records = answers.flatMap(({ partition, records: found, nextOffset, error }) => {
    if (error !== undefined) return [];
    next = next.map((position) =>
      position.partition === partition ? { ...position, offset: nextOffset } : position,
    );
    return found.map(({ offset, value }) => ({ topic, partition, offset, value: String(value) }));
  });
  if (records.length > 0)
    polls.push({ consumer, assignment: 0, records, ...(final === undefined ? {} : { final }) });
  return next;
}

async function readToEnd(bootstrapServers: readonly string[], polls: Poll[]): Promise<void> {
  const reader = readerOf(bootstrapServers, 'final');
  const all = fromTheStart();
  const ends = await reader.endOffsets(all.map(({ partition }) => ({ topic, partition })));
  let positions = all;
  const isMissing = () =>
    positions.some(
      ({ partition, offset }) => offset < (ends.find((end) => end.partition === partition)?.offset ?? 0n),
    );
  while (isMissing()) positions = await poll(reader, 'final', positions, polls, true);
  await reader.close();
}
