import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectAdmin,
  connectLogReader,
  connectProducer,
  type Admin,
  type OpenLogReader,
  type ProducerRecord,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { connectStreams, type StreamsApp, type Topology } from '@millrace/streams';
import { exchangeTopology } from './exchange-topology.ts';
import { closing, half, inputTopics } from './halves.ts';
import { JavaApps } from './java-apps.ts';
import { linesOf, tableOf, recordsOf } from './log-contents.ts';

const limitMs = 60_000;
const lookEveryMs = 100;

/** The topics that an application reads: inputs first, because their records lead to those of the others. */
const placesOf = (application: string): readonly TopicPartition[] =>
  [...Object.entries(inputTopics), [`${application}-by-word-repartition`, 1] as const].flatMap(
    ([topic, partitions]) => Array.from({ length: partitions }, (_each, partition) => ({ topic, partition })),
  );

/** Resolves once the application has committed everything that it can read. */
async function processedAll(application: string, admin: Admin, reader: OpenLogReader): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (const place of placesOf(application))
    while (await remains(application, place, admin, reader)) {
      if (performance.now() > deadline)
        throw new Error(`${application} has not processed all of ${place.topic}-${place.partition}`);
      await pause(lookEveryMs);
    }
}

/** Whether records follow the committed offset. Markers of transactions do not count. */
async function remains(
  application: string,
  place: TopicPartition,
  admin: Admin,
  reader: OpenLogReader,
): Promise<boolean> {
  const [committed] = await admin.stableOffsets(application, [place]);
  return (await recordsOf(reader, place, committed?.offset)).length > 0;
}

/** Our applications, in this process. */
class OurApps {
  readonly #bootstrapServer: string;
  readonly #topologyOf: (applicationId: string) => Topology;
  readonly #running = new Map<string, StreamsApp>();

  constructor(bootstrapServer: string, topologyOf: (applicationId: string) => Topology) {
    this.#bootstrapServer = bootstrapServer;
    this.#topologyOf = topologyOf;
  }

  /** Resolves once every task of the application runs. */
  async start(applicationId: string, stateDir: string): Promise<void> {
    const app = connectStreams(this.#topologyOf(applicationId), {
      applicationId,
      bootstrapServers: [this.#bootstrapServer],
      stateDir,
      guarantee: 'exactly_once_v2',
      cacheBytesMax: 0,
      replicationFactor: 1,
    });
    this.#running.set(applicationId, app);
    await app.start();
  }

  /** Resolves once the application has committed and left its group. */
  async stop(applicationId: string): Promise<void> {
    await this.#running.get(applicationId)?.close();
    this.#running.delete(applicationId);
  }

  async close(): Promise<void> {
    for (const applicationId of this.#running.keys()) await this.stop(applicationId);
  }
}

interface Broker {
  /** One server, as `HOST:PORT`. */
  readonly bootstrapServer: string;
  stop(): Promise<unknown>;
}

/** A side that can run an application. */
type Side = Pick<JavaApps, 'start' | 'stop'>;

const outputs = ['counts', 'windows', 'closed', 'sessions', 'words', 'pairs', 'both', 'times'];
/** A join's stores number equal records, from one again in every process; the pairs show what they hold. */
const changelogs = [
  'counts',
  'windows',
  'closed-store',
  'sessions',
  'words',
  'one-table',
  'other-table',
  'both',
];
/** Unmatched records are looked for once a second at most, so their place among the others is not certain. */
const inAnyOrder: ReadonlySet<string> = new Set(['pairs']);
/** The rows of suppress are written with the time of the clock. */
const withClockTime: ReadonlySet<string> = new Set(['closed-store']);
const lookForUnmatchedMs = 1_100;

/** Three applications with the same input: one stays with Java, the others change sides in the middle. */
const alone = 'java-alone';
const toOurs = 'from-java-to-ours';
const toJava = 'from-ours-to-java';
const applications = [alone, toOurs, toJava];

/** Every application changes its process in the middle, after which only the broker has its state. */
export function exchangesWithJava(startBroker: () => Promise<Broker>): void {
  describe('an application that changes between Kafka Streams and @millrace/streams', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-exchange-'));
    let broker: Broker;
    let java: JavaApps;
    let ours: OurApps;
    let admin: Admin;
    let reader: OpenLogReader;

    beforeAll(async () => {
      broker = await startBroker();
      const { bootstrapServer } = broker;
      const connection = { bootstrapServers: [bootstrapServer], clientId: 'test', logger: silentLogger };
      java = await JavaApps.open(bootstrapServer);
      ours = new OurApps(bootstrapServer, exchangeTopology);
      admin = connectAdmin(connection);
      reader = connectLogReader({ ...connection, isolation: 'read_committed' });
      await using producer = connectProducer(connection);
      const write = (records: readonly ProducerRecord[]) => producer.send(records);
      const atWork = async (sides: readonly Side[], work: () => Promise<unknown>) => {
        for (const [index, application] of applications.entries())
          await sides[index]?.start(
            application,
            join(folder, application, sides[index] === java ? 'java' : 'ours'),
          );
        await processed();
        await work();
        for (const [index, application] of applications.entries()) await sides[index]?.stop(application);
      };
      const processed = async () => {
        for (const application of applications) await processedAll(application, admin, reader);
      };

      const names = applications.flatMap((application) =>
        outputs.map((name) => `${application}-out-${name}`),
      );
      await admin.topics.create([
        ...Object.entries(inputTopics).map(([name, partitions]) => ({ name, partitions })),
        ...names.map((name) => ({ name, partitions: 2 })),
      ]);
      await write(half(0));
      await atWork([java, java, ours], () => Promise.resolve());
      await write(half(1));
      await atWork([java, ours, java], async () => {
        await pause(lookForUnmatchedMs);
        await write(closing());
        await processed();
      });
    }, 180_000);

    afterAll(async () => {
      await Promise.all([ours?.close(), java?.close(), admin?.close(), reader?.close()]);
      await broker?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(outputs)(
      'T03 writes the output %s of a Java application alone, in both directions',
      async (name) => {
        const outputOf = async (application: string) => {
          const lines = await linesOf(reader, `${application}-out-${name}`);
          return inAnyOrder.has(name) ? lines.toSorted() : lines;
        };
        const expected = await outputOf(alone);
        expect(expected.length).toBeGreaterThan(10);
        expect(await outputOf(toOurs)).toEqual(expected);
        expect(await outputOf(toJava)).toEqual(expected);
      },
    );

    it.each(changelogs)(
      'T03 leaves the changelog %s of a Java application alone, in both directions',
      async (name) => {
        const tableFor = async (application: string) => {
          const rows = await tableOf(reader, `${application}-${name}-changelog`);
          return withClockTime.has(name) ? rows.map((row) => row.replace(/@\d+/, '')) : rows;
        };
        const expected = await tableFor(alone);
        expect(await tableFor(toOurs)).toEqual(expected);
        expect(await tableFor(toJava)).toEqual(expected);
      },
    );
  });
}
