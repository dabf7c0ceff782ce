import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { connectConsumer } from '@millrace/streaming-core/client';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { freePorts } from '@millrace/testing/kafka';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { createTestDatabase, startPostgresServer, type TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { ConnectProcess } from '../connect-process.ts';
import { memoryOf } from '../memory.ts';
import { familyMs, parentOf, processorMs } from './processor-time.ts';
import { PublishedLog } from './published-log.ts';
import type { Committed, WriterTask } from './writer.program.ts';

export interface Measured {
  readonly publishedBy: 'the relay' | 'a connector';
  readonly messages: number;
  readonly perSecond: number;
  /** From the answer to COMMIT until a reader of committed records has the message. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of processor time per message. */
  readonly databaseUs: number;
  readonly serviceUs: number;
  readonly workerUs: number;
  /** Bytes of the database's log per message. */
  readonly logBytes: number;
  /** Of the Connect worker, in megabytes. */
  readonly workerMb: number;
}

export interface Load {
  readonly messages: number;
  readonly perSecond: number;
}

const topic = 'order-events';
const messagesPerTransaction = 5;
/** The part of the messages whose latency does not count. */
const warmUp = 0.2;
const readMsMax = 300_000;

/** Publishes one outbox at a steady rate either way, on servers of its own. */
export async function measure(publishedBy: Measured['publishedBy'], load: Load): Promise<Measured> {
  await using parts = new AsyncDisposableStack();
  const server = await startPostgresServer({ fsync: true });
  parts.defer(() => server.stop());
  const log = await PublishedLog.open([
    { name: topic, key: 'orderId', partitions: 6, retention: 'unlimited', cleanup: 'delete' },
  ]);
  parts.defer(() => log.close());
  const database = await createTestDatabase(server.url);
  await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  const [port = 0] = await freePorts(1);
  const worker =
    publishedBy === 'the relay' ? undefined : await ConnectProcess.start(log.bootstrapServers, port);
  parts.defer(async () => worker?.end('SIGKILL'));
  const writer = await startWriter({
    bootstrapServers: log.bootstrapServers,
    databaseUrl: database.url,
    connectUrl: worker?.url,
    topic,
    transactions: load.messages / messagesPerTransaction,
    transactionsPerSecond: load.perSecond / messagesPerTransaction,
    messagesPerTransaction,
  });
  parts.defer(() => void writer.kill('SIGKILL'));
  if (worker !== undefined)
    await until(
      () => worker.rest.tasks('outbox'),
      ([task]) => task?.state === 'RUNNING',
      60_000,
    );
  const reading = arrivals(log, load.messages);
  const before = await used(database, writer.pid!, worker?.pid);
  writer.send('go');
  const [committed] = (await once(writer, 'message')) as [Committed];
  const arrived = await reading;
  const after = await used(database, writer.pid!, worker?.pid);
  const delays = arrived
    .map((at, number) => at - committed[number]!)
    .slice(load.messages * warmUp)
    .sort((left, right) => left - right);
  const perMessage = (name: keyof Used) => Math.round(((after[name] - before[name]) * 1_000) / load.messages);
  return {
    publishedBy,
    ...load,
    p50Ms: delays[Math.floor(delays.length * 0.5)]!,
    p99Ms: delays[Math.floor(delays.length * 0.99)]!,
    databaseUs: perMessage('databaseMs'),
    serviceUs: perMessage('serviceMs'),
    workerUs: perMessage('workerMs'),
    logBytes: Math.round((after.logBytes - before.logBytes) / load.messages),
    workerMb: worker === undefined ? 0 : memoryOf(worker.pid).residentMb,
  };
}

async function startWriter(task: WriterTask): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [...programCommand('test/capture/src/outbox/writer.program.ts'), JSON.stringify(task)],
    { env: programEnvironment(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  await once(child, 'message', { signal: AbortSignal.timeout(120_000) });
  return child;
}

/** Resolves to the moment at which each message was read, by its number. */
async function arrivals(log: PublishedLog, messages: number): Promise<readonly number[]> {
  const consumer = connectConsumer({
    ...log.connection('reader'),
    groupId: 'reader',
    topics: [topic],
    autoOffsetReset: 'earliest',
    isolation: 'read_committed',
  });
  const limit = setTimeout(() => void consumer.close(), readMsMax);
  const arrived: number[] = [];
  let count = 0;
  try {
    for await (const { value } of consumer) {
      const { number } = JSON.parse(value?.toString() ?? '{}') as { number: number };
      if (arrived[number] === undefined) count += 1;
      arrived[number] ??= performance.timeOrigin + performance.now();
      if (count === messages) return arrived;
    }
  } finally {
    clearTimeout(limit);
    await consumer.close();
  }
  throw new Error(`only ${count} of ${messages} messages came within ${readMsMax} ms`);
}

interface Used {
  readonly databaseMs: number;
  readonly serviceMs: number;
  readonly workerMs: number;
  readonly logBytes: number;
}

async function used({ pool }: TestDatabase, service: number, worker: number | undefined): Promise<Used> {
  const { rows } = await pool.query<{ pid: number; bytes: string }>(
    `SELECT pg_backend_pid() AS pid, pg_current_wal_lsn() - '0/0' AS bytes`,
  );
  return {
    databaseMs: familyMs(parentOf(rows[0]!.pid)),
    serviceMs: processorMs(service),
    workerMs: worker === undefined ? 0 : processorMs(worker),
    logBytes: Number(rows[0]!.bytes),
  };
}
