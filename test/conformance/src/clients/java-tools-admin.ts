import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JavaCase } from './java-tools.ts';
import { numbered, produce } from './kcat-commands.ts';

const topics: JavaCase = {
  name: 'TopicCommand: create, describe, list, alter, delete',
  quick: true,
  async run(tool, context) {
    const topic = context.name('t');
    await tool.run('TopicCommand', `--create --topic ${topic} --partitions 3 --config retention.ms=1000`);
    const describe = `--describe --topic ${topic}`;
    const described = await tool.until(
      'TopicCommand',
      describe,
      /Partition: 2\s+Leader: 1\s+Replicas: 1\s+Isr: 1/,
    );
    assert.match(
      described,
      /TopicId: \S{22}\s+PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=1000/,
    );
    assert.match(await tool.refused('TopicCommand', `--create --topic ${topic}`), /TopicExistsException/);
    await tool.run('TopicCommand', `--alter --topic ${topic} --partitions 5`);
    await tool.until('TopicCommand', describe, /PartitionCount: 5/);
    assert.match(
      await tool.refused('TopicCommand', `--alter --topic ${topic} --partitions 2`),
      /InvalidPartitionsException/,
    );
    assert.ok((await tool.run('TopicCommand', '--list')).split('\n').includes(topic));
    assert.match(
      await tool.refused('TopicCommand', `--create --topic ${topic}3 --replication-factor 3`),
      /InvalidReplicationFactorException/,
    );
    await tool.run('TopicCommand', `--delete --topic ${topic}`);
    await tool.until('TopicCommand', describe, /does not exist/);
  },
};

const configs: JavaCase = {
  name: 'ConfigCommand: alter, describe, delete, and refusals',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const of = `--entity-type topics --entity-name ${topic}`;
    const command = 'kafka.admin.ConfigCommand';
    await tool.run(command, `--alter ${of} --add-config retention.ms=5000,cleanup.policy=[compact,delete]`);
    const described = /retention\.ms=5000 sensitive=false synonyms=\{DYNAMIC_TOPIC_CONFIG:retention\.ms=5000/;
    const set = await tool.until(command, `--describe ${of}`, described);
    assert.match(set, /cleanup\.policy=compact,delete/);
    await tool.run(command, `--alter ${of} --delete-config retention.ms`);
    const left = await tool.until(command, `--describe ${of}`, (text) => !text.includes('retention.ms='));
    assert.match(left, /cleanup\.policy=compact,delete/);
    const all = await tool.run(command, `--describe --all ${of}`);
    assert.match(all, /retention\.ms=604800000/);
    assert.match(all, /max\.message\.bytes=1048588/);
    assert.match(
      await tool.refused(command, `--alter ${of} --add-config retention.ms=soon`),
      /InvalidConfigurationException|ConfigException/,
    );
    assert.match(
      await tool.refused(command, `--alter ${of} --add-config no.such.config=1`),
      /InvalidConfigurationException/,
    );
    assert.match(
      await tool.run(command, '--describe --all --entity-type brokers --entity-name 1'),
      /log\.retention\.hours|log\.retention\.ms/,
    );
  },
};

const brokerConfigs: JavaCase = {
  name: 'ConfigCommand: configs of one broker and of all, and those that are read only at the start',
  quick: true,
  async run(tool, context) {
    const command = 'kafka.admin.ConfigCommand';
    const one = '--entity-type brokers --entity-name 1';
    const all = '--entity-type brokers --entity-default'; // prettier-ignore
    const topic = await context.topic('t');
    const ofTopic = `--describe --all --entity-type topics --entity-name ${topic}`;
    await tool.run(
      command,
      `--alter ${all} --add-config log.index.interval.bytes=5001,log.cleaner.backoff.ms=15001`,
    );
    await tool.run(command, `--alter ${one} --add-config log.index.interval.bytes=5002`);
    const behind =
      'DYNAMIC_DEFAULT_BROKER_CONFIG:log.index.interval.bytes=5001, DEFAULT_CONFIG:log.index.interval.bytes=4096}';
    const synonyms = `synonyms={DYNAMIC_BROKER_CONFIG:log.index.interval.bytes=5002, ${behind}`;
    const isSet = (text: string) => text.includes(`index.interval.bytes=5002 sensitive=false ${synonyms}`);
    assert.match(await tool.until(command, `--describe ${one}`, isSet), /Dynamic configs for broker 1 are:/);
    await tool.until(
      command,
      `--describe ${all}`,
      /log\.cleaner\.backoff\.ms=15001 sensitive=false synonyms=\{DYNAMIC_DEFAULT/,
    );
    await tool.until(command, ofTopic, isSet);
    for (const refused of ['num.partitions=3', 'log.retention.hours=3', 'log.retention.ms=soon'])
      assert.match(
        await tool.refused(command, `--alter ${one} --add-config ${refused}`),
        /InvalidRequestException|ConfigException/,
      );
    await tool.run(command, `--alter ${one} --delete-config log.index.interval.bytes`);
    await tool.run(command, `--alter ${all} --delete-config log.index.interval.bytes,log.cleaner.backoff.ms`);
    await tool.until(command, `--describe ${one}`, /Dynamic configs for broker 1 are:\s*$/);
    await tool.until(
      command,
      ofTopic,
      /index\.interval\.bytes=4096 sensitive=false synonyms=\{DEFAULT_CONFIG/,
    );
  },
};

const cluster: JavaCase = {
  name: 'BrokerApiVersionsCommand, FeatureCommand, ClusterTool',
  quick: true,
  async run(tool, { bootstrapServers }) {
    const versions = await tool.run('BrokerApiVersionsCommand', '');
    assert.match(versions, /\(id: 1 rack: null/);
    assert.match(versions, /Produce\(0\): .*\[usable: 1\d\]/);
    assert.match(
      await tool.run('FeatureCommand', 'describe'),
      /metadata\.version|transaction\.version|group\.version|Feature/,
    );
    assert.match(
      await tool.plain('ClusterTool', `cluster-id --bootstrap-server ${bootstrapServers}`),
      /Cluster ID: \S+/,
    );
  },
};

const offsets: JavaCase = {
  name: 'GetOffsetShell: first, last, by timestamp, largest timestamp',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t', { partitions: 2 });
    await produce(context, ['-t', topic, '-p', '0'], numbered('v', 7));
    const at = async (time: string) =>
      (await tool.run('GetOffsetShell', `--topic ${topic} --time ${time}`))
        .trim()
        .split('\n')
        .map((line) => line.replace(`${topic}:`, ''));
    assert.deepEqual(await at('-1'), ['0:7', '1:0']);
    assert.deepEqual(await at('-2'), ['0:0', '1:0']);
    assert.deepEqual((await at('0'))[0], '0:0');
    assert.match((await at('max-timestamp'))[0] ?? '', /^0:\d$/);
    assert.match(
      await tool.run('GetOffsetShell', `--topic-partitions ${topic}:0 --time earliest-local`),
      /:0:0/,
    );
  },
};

const deleteRecords: JavaCase = {
  name: 'DeleteRecordsCommand',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    await produce(context, ['-t', topic], numbered('v', 10));
    const file = join(tmpdir(), `millrace-${topic}.json`);
    context.atEnd(() => rm(file, { force: true }));
    const wish = (offset: number) =>
      writeFile(file, JSON.stringify({ partitions: [{ topic, partition: 0, offset }], version: 1 }));
    await wish(6);
    assert.match(await tool.run('DeleteRecordsCommand', `--offset-json-file ${file}`), /low_watermark: 6/);
    assert.match(await tool.run('GetOffsetShell', `--topic ${topic} --time -2`), /:0:6/);
    await wish(11);
    assert.match(
      await tool.refused('DeleteRecordsCommand', `--offset-json-file ${file}`),
      /OffsetOutOfRange|not within the range/i,
    );
  },
};

const logDirs: JavaCase = {
  name: 'LogDirsCommand',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t', { partitions: 2 });
    await produce(context, ['-t', topic, '-p', '0'], numbered('v', 7));
    const output = await tool.run('LogDirsCommand', `--describe --topic-list ${topic}`);
    const json = output.split('\n').find((line) => line.startsWith('{')) ?? '{}';
    const { brokers } = JSON.parse(json) as {
      readonly brokers: readonly [
        {
          readonly logDirs: readonly [
            {
              readonly error: null;
              readonly partitions: readonly {
                readonly partition: string;
                readonly size: number;
                readonly offsetLag: number;
              }[];
            },
          ];
        },
      ];
    };
    const [{ error, partitions }] = brokers[0].logDirs;
    assert.equal(error, null);
    assert.deepEqual(partitions.map(({ partition }) => partition).sort(), [`${topic}-0`, `${topic}-1`]);
    assert.ok((partitions.find(({ partition }) => partition === `${topic}-0`)?.size ?? 0) > 60);
  },
};

const others: JavaCase = {
  name: 'ReassignPartitionsCommand --list, LeaderElectionCommand',
  async run(tool, context) {
    const topic = await context.topic('t');
    assert.match(
      await tool.run('reassign.ReassignPartitionsCommand', '--list'),
      /No partition reassignments found|Current partition reassignments/,
    );
    const election = `--election-type preferred --topic ${topic} --partition 0`;
    assert.match(
      await tool.refused('LeaderElectionCommand', election),
      /Valid replica already elected|successfully completed/i,
    );
  },
};

export const javaAdminCases: readonly JavaCase[] = [
  topics,
  configs,
  brokerConfigs,
  cluster,
  offsets,
  deleteRecords,
  logDirs,
  others,
];
