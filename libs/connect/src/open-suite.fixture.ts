import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  type FetchedRecord,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { until } from '@millrace/testing/within';
import { pluginTable } from './index.ts';
import { countingSource, fileLinesSink } from './tiny-connectors.fixture.ts';
import { startTestWorker, type TestWorker, type TestWorkerOptions } from './worker.fixture.ts';

export const plugins = pluginTable({
  connectors: [countingSource, fileLinesSink],
  elsewhere: new Map([['test.Elsewhere', 'run Kafka Connect with it']]),
});

interface Line {
  readonly topic: string;
  readonly key: unknown;
  readonly value: { readonly n: number } | null;
}

type SuiteBroker = Pick<TestBroker, 'bootstrapServers' | 'stop'>;

/** A broker and a folder for the tests of one file. */
export interface Suite {
  readonly broker: SuiteBroker;
  readonly folder: string;
  connection(): { bootstrapServers: readonly string[]; clientId: string; logger: typeof silentLogger };
  worker(options?: Partial<TestWorkerOptions>): Promise<TestWorker>;
  send(topic: string, values: ReadonlyArray<string | null>, partitions?: number): Promise<void>;
  /** Writes a record of a topic of state, as a Java worker would. */
  state(topic: string, key: string, value: unknown): Promise<void>;
  /** Waits until the topic, which has one partition, has this many committed records, and returns them. */
  records(topic: string, count: number): Promise<readonly FetchedRecord[]>;
  /** Waits until the lines that the sink has written to the file are as wanted, and returns them. */
  lines(file: string, wanted: (lines: readonly Line[]) => boolean): Promise<readonly Line[]>;
  close(): Promise<void>;
}

/** Closing the suite stops its broker, also one that the test has started. */
export async function openSuite(own?: SuiteBroker): Promise<Suite> {
  const settings = { 'group.initial.rebalance.delay.ms': '0', 'group.min.session.timeout.ms': '1000' };
  const broker = own ?? (await startTestBroker({ settings }));
  const folder = await mkdtemp(join(tmpdir(), 'connect-'));
  const connection = () => ({
    bootstrapServers: [broker.bootstrapServers],
    clientId: 'connect-suite',
    logger: silentLogger,
  });
  return {
    broker,
    folder,
    connection,
    worker: (options = {}) => startTestWorker({ broker: broker.bootstrapServers, plugins, ...options }),
    async send(topic, values, partitions = 1) {
      await using admin = connectAdmin(connection());
      const existing = await admin.describeTopics([topic]);
      if (!existing.has(topic)) await admin.topics.create([{ name: topic, partitions }]);
      await using producer = connectProducer(connection());
      await producer.send(
        values.map((value, index) => ({ topic, key: `k${index}`, value, partition: index % partitions })),
      );
    },
    async state(topic, key, value) {
      await using producer = connectProducer(connection());
      await producer.send([{ topic, key, value: JSON.stringify(value) }]);
    },
    async records(topic, count) {
      const found: FetchedRecord[] = [];
      await using consumer = connectConsumer({
        ...connection(),
        groupId: `reader-${Math.random()}`,
        topics: [topic],
        isolation: 'read_committed',
        autoOffsetReset: 'earliest',
        signal: AbortSignal.timeout(30_000),
      });
      for await (const record of consumer) if (found.push(record) >= count) break;
      return found;
    },
    lines: (file, wanted) =>
      until(
        async () =>
          (await readFile(join(folder, file), 'utf8').catch(() => ''))
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line) as Line),
        wanted,
        30_000,
      ),
    async close() {
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
