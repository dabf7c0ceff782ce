import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectAdmin,
  connectLogReader,
  connectProducer,
  type FetchedRecord,
  type ProducerRecord,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import { startBroker } from '@millrace/streaming-core/broker';
import { until } from '@millrace/testing/within';

/**
 * A broker, with the clients that a test needs to write to it and to read from it as other programs
 * do.
 */
export interface LogWorld extends AsyncDisposable {
  readonly bootstrapServers: readonly string[];
  /** A folder of this world, for the state of applications. */
  readonly folder: string;
  createTopic(name: string, partitions: number): Promise<void>;
  send(records: readonly ProducerRecord[]): Promise<void>;
  /** The committed records of a topic so far, in the order of their partitions and offsets. */
  committed(topic: string): Promise<readonly FetchedRecord[]>;
  /** Waits until this many records of a topic are committed, and returns them. */
  committedOf(topic: string, count: number): Promise<readonly FetchedRecord[]>;
  beginningOf(place: TopicPartition): Promise<bigint>;
  readonly admin: ReturnType<typeof connectAdmin>;
}

export async function startLogWorld(): Promise<LogWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-streams-'));
  const broker = await startBroker({ dataFolder: join(folder, 'log'), port: 0 });
  const bootstrapServers = [`${broker.host}:${broker.port}`];
  const place = { bootstrapServers, clientId: 'streams-test' };
  const admin = connectAdmin(place);
  const producer = connectProducer(place);
  const reader = connectLogReader({ ...place, isolation: 'read_committed', fetchMaxWaitMs: 20 });

  const committed = async (topic: string): Promise<readonly FetchedRecord[]> => {
    const { partitions = 0 } = (await reader.identify([topic])).get(topic) ?? {};
    const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
    const ends = await reader.endOffsets(places);
    const begins = await reader.beginningOffsets(places);
    const records: FetchedRecord[] = [];
    for (const [index, { offset: end }] of ends.entries())
      for (let offset = begins[index]!.offset; offset < end;) {
        const [fetched] = await reader.fetch([{ topic, partition: index, offset }]);
        if (fetched?.error) throw fetched.error;
        records.push(...(fetched?.records ?? []));
        offset = fetched?.nextOffset ?? end;
      }
    return records;
  };

  return {
    bootstrapServers,
    folder,
    admin,
    createTopic: async (name, partitions) => void (await admin.topics.create([{ name, partitions }])),
    send: async (records) => void (await producer.send(records)),
    committed,
    async committedOf(topic, count) {
      const enough = async () => (await committed(topic)).length;
      await until(enough, (records) => records >= count, 30_000);
      return committed(topic);
    },
    beginningOf: async (place) => (await reader.beginningOffsets([place]))[0]!.offset,
    async [Symbol.asyncDispose]() {
      await Promise.all([admin.close(), producer.close(), reader.close()]);
      await broker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
