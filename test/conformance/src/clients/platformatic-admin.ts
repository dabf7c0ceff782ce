import assert from 'node:assert/strict';
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { numbered, produce } from './kcat-commands.ts';

function adminOf(context: CaseContext): Admin {
  const admin = new Admin({
    clientId: 'conformance-platformatic',
    bootstrapBrokers: [context.bootstrapServers],
  });
  context.atEnd(() => admin.close());
  return admin;
}

const topics: ConformanceCase = {
  name: 'admin: topics, partitions, records, log dirs',
  quick: true,
  async run(context) {
    const admin = adminOf(context);
    const topic = context.name('t');
    await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 });
    await admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: [{ brokerIds: [1] }] }] });
    await produce(context, ['-t', topic, '-p', '0'], numbered('v', 5));
    const listed = await admin.listOffsets({
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1n }] }],
    });
    assert.equal(listed[0]?.partitions[0]?.offset, 5n);
    const [deleted] = await admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: 0, offset: 2n }] }],
    });
    assert.equal(deleted?.partitions[0]?.lowWatermark, 2n);
    const [broker] = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0, 1, 2] }] });
    assert.ok(broker);
    await admin.deleteTopics({ topics: [topic] });
    await reached(async () => !(await admin.listTopics()).includes(topic), 'the end of the topic');
  },
};

const configs: ConformanceCase = {
  name: 'admin: configs',
  async run(context) {
    const admin = adminOf(context);
    const resourceName = await context.topic('t');
    const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName };
    const configOperation = IncrementalAlterConfigOperationTypes.SET;
    await admin.incrementalAlterConfigs({
      resources: [{ ...resource, configs: [{ name: 'retention.ms', configOperation, value: '1234' }] }],
      validateOnly: false,
    });
    const describe = () =>
      admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ['retention.ms'] }] });
    await reached(async () => (await describe())[0]?.configs[0]?.value === '1234', 'the new value');
  },
};

const groups: ConformanceCase = {
  name: 'admin: groups and their offsets',
  quick: true,
  async run(context) {
    const admin = adminOf(context);
    const topic = await context.topic('t');
    const groupId = context.name('group');
    await produce(context, ['-t', topic], numbered('v', 5));
    await admin.alterConsumerGroupOffsets({
      groupId,
      topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 4n }] }],
    });
    const [offsets] = await admin.listConsumerGroupOffsets({ groups: [{ groupId }] });
    assert.equal(offsets?.topics[0]?.partitions[0]?.committedOffset, 4n);
    assert.ok((await admin.listGroups({ types: ['classic'] })).has(groupId));
    assert.equal(
      (await admin.describeGroups({ groups: [groupId] })).get(groupId)?.state.toUpperCase(),
      'EMPTY',
    );
    await admin.deleteGroups({ groups: [groupId] });
    assert.ok(!(await admin.listGroups({ types: ['classic'] })).has(groupId));
  },
};

export const platformaticAdminCases: readonly ConformanceCase[] = [topics, configs, groups];
