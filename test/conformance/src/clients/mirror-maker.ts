import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { kafkaVersion, propertiesOf } from '@millrace/embedded-kafka';
import { startKafka, type Kafka } from '@millrace/testing/kafka';
import { buildCommand } from '../build-command.ts';
import { provide } from '../cache-folder.ts';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase, ForeignClient } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { compilePrograms, javaCommand } from './java-runner.ts';
import { linesOf, numbered, splitLines } from './kcat-commands.ts';
import { topicConfig } from './topic-config.ts';

type Start = (propertiesFile: string) => readonly string[];

export const mirrorMaker: ForeignClient = {
  name: 'mirror-maker',
  title: 'MirrorMaker 2 between the engine and one more node of Apache Kafka, from Maven Central',
  quick: false,
  async prepare({ print }) {
    const [{ jars }, mirrorJars] = await Promise.all([compilePrograms(print), mirrorMakerJars(print)]);
    const start: Start = (file) =>
      javaCommand({ jars, classes: join(mirrorJars, '*') }, 'org.apache.kafka.connect.mirror.MirrorMaker', [
        file,
      ]);
    let other: Promise<Kafka> | undefined;
    const otherCluster = async () =>
      (await (other ??= startKafka({ settings: otherSettings }))).bootstrapServers.join(',');
    return {
      version: kafkaVersion(),
      cases: [mirrored('to', start, otherCluster), mirrored('from', start, otherCluster)],
      close: async () => (await other)?.stop(),
    };
  },
};

const otherSettings = {
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.num.partitions': 5,
};

/**
 * Fetches the two jars that are not among those of Apache Kafka itself. They have no further
 * dependencies.
 */
const mirrorMakerJars = (print: (line: string) => void): Promise<string> =>
  provide({
    name: `mirror-maker-${kafkaVersion()}`,
    registry: 'Maven Central, with Maven',
    print,
    async fill(folder) {
      for (const artifact of ['connect-mirror', 'connect-mirror-client']) {
        const what = `-Dartifact=org.apache.kafka:${artifact}:${kafkaVersion()}`;
        await buildCommand([
          'mvn',
          '-q',
          '-B',
          '--strict-checksums',
          'dependency:copy',
          what,
          `-DoutputDirectory=${folder}`,
        ]);
      }
    },
  });

const mirrored = (
  direction: 'from' | 'to',
  start: Start,
  otherCluster: () => Promise<string>,
): ConformanceCase => ({
  name: `records, a topic's config and a group's offsets, mirrored exactly once ${direction} the engine`,
  limitMs: 240_000,
  async run(context) {
    const engine = context.bootstrapServers;
    const other = await otherCluster();
    const [source, target] = direction === 'from' ? [engine, other] : [other, engine];
    const topic = context.name('t');
    const groupId = context.name('group');
    const mirror = `${aliases(context).source}.${topic}`;
    const admin = adminOf(context, source);
    await admin.createTopics({
      topics: [topic],
      partitions: 2,
      replicas: 1,
      configs: [{ name: 'retention.ms', value: '123456789' }],
    });
    await write(context, source, topic, 'first');
    context.start(start(await propertiesFile(context, { source, target, topic, groupId })));
    await mirrors(context, { source, target, topic, mirror });
    await write(context, source, topic, 'second');
    const ends = await mirrors(context, { source, target, topic, mirror });
    assert.equal(await topicConfig(target, mirror, 'retention.ms'), '123456789');

    const partitionOffsets = [0, 1].map((partition) => ({ partition, offset: BigInt(2 * recordsEach) }));
    await admin.alterConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionOffsets }] });
    const targetAdmin = adminOf(context, target);
    let found: readonly (bigint | undefined)[] = [];
    const positions = async () => {
      const [group] = await targetAdmin.listConsumerGroupOffsets({ groups: [{ groupId }] });
      const partitions = group?.topics.find(({ name }) => name === mirror)?.partitions ?? [];
      found = [0, 1].map(
        (partition) => partitions.find(({ partitionIndex }) => partitionIndex === partition)?.committedOffset,
      );
      return found.every((offset, partition) => offset === ends[partition]);
    };
    await reached(
      positions,
      () => `the group at ${ends.join(' and ')} of the mirror, but found it at ${found.join(' and ')}`,
      90_000,
    );
  },
});

const recordsEach = 100;

/**
 * The names of the clusters. No other case mirrors between them, so the internal topics are this
 * case's own.
 */
const aliases = (context: CaseContext) => ({ source: context.name('a'), target: context.name('b') });

function adminOf(context: CaseContext, bootstrapServers: string): Admin {
  const admin = new Admin({ clientId: 'conformance', bootstrapBrokers: [bootstrapServers] });
  context.atEnd(() => admin.close());
  return admin;
}

async function propertiesFile(
  context: CaseContext,
  {
    source,
    target,
    topic,
    groupId,
  }: { readonly source: string; readonly target: string; readonly topic: string; readonly groupId: string },
): Promise<string> {
  const names = aliases(context);
  const flow = `${names.source}->${names.target}`;
  const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', ...['config', 'offset', 'status'].map((kind) => `${kind}.storage.`)]; // prettier-ignore
  const eachSecond = [
    'refresh.topics',
    'refresh.groups',
    'emit.checkpoints',
    'sync.group.offsets',
    'sync.topic.configs',
  ];
  const file = join(await context.folder(), 'mirror-maker.properties');
  const properties = {
    clusters: `${names.source},${names.target}`,
    [`${names.source}.bootstrap.servers`]: source,
    [`${names.target}.bootstrap.servers`]: target,
    [`${names.target}.exactly.once.source.support`]: 'enabled',
    [`${flow}.enabled`]: 'true',
    [`${names.target}->${names.source}.emit.heartbeats.enabled`]: 'false',
    // This avoids a search of every jar, which takes seconds. It is set for MirrorMaker itself and
    // for its worker.
    'plugin.discovery': 'service_load',
    [`${names.target}.plugin.discovery`]: 'service_load',
    topics: topic,
    groups: groupId,
    'sync.group.offsets.enabled': 'true',
    'offset.lag.max': 0,
    ...Object.fromEntries(factors.map((factor) => [`${factor}replication.factor`, 1])),
    ...Object.fromEntries(eachSecond.map((task) => [`${task}.interval.seconds`, 1])),
  };
  await writeFile(file, propertiesOf(properties));
  return file;
}

/** Writes to each of the two partitions, with keys and a header. */
async function write(context: CaseContext, servers: string, topic: string, prefix: string): Promise<void> {
  for (const partition of ['0', '1'])
    await context.run(
      ['kcat', '-b', servers, '-P', '-t', topic, '-p', partition, '-K', ':', '-H', `from=${prefix}`],
      {
        input: linesOf(numbered(`${prefix}-`, recordsEach).map((value) => `key-${partition}:${value}`)),
      },
    );
}

/**
 * Waits until the mirror has the topic's records, once each and in order. Resolves with the offsets
 * after its last ones.
 */
async function mirrors(
  context: CaseContext,
  {
    source,
    target,
    topic,
    mirror,
  }: { readonly source: string; readonly target: string; readonly topic: string; readonly mirror: string },
): Promise<readonly bigint[]> {
  const admin = adminOf(context, target);
  await reached(async () => (await admin.listTopics()).includes(mirror), 'the mirror', 90_000);
  const offsets = [0n, 0n];
  for (const partition of [0, 1]) {
    const read = async (servers: string, name: string) => {
      const format = [
        '-t',
        name,
        '-p',
        String(partition),
        '-o',
        'beginning',
        '-e',
        '-q',
        '-f',
        '%o|%k|%h|%s\n',
      ];
      const end = await context.start([
        'kcat',
        '-b',
        servers,
        '-C',
        ...format,
        '-X',
        'isolation.level=read_committed',
      ]).ended; // the mirror does not exist at first
      return splitLines(end.output).map((line) => line.split('|'));
    };
    const wanted = (await read(source, topic)).map(([, ...record]) => record);
    let found: readonly string[][] = [];
    await reached(
      async () => (found = await read(target, mirror)).length >= wanted.length,
      () => `${wanted.length} records in the mirror's partition ${partition}, but found ${found.length}`,
      90_000,
    );
    assert.deepEqual(found.map(([, ...record]) => record), wanted); // prettier-ignore
    offsets[partition] = BigInt(found.at(-1)?.[0] ?? 0) + 1n;
  }
  return offsets;
}
