import assert from 'node:assert/strict';
import type { Admin } from 'kafkajs';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { connect, readMessages } from './kafkajs-connection.ts';
import { numbered } from './kcat-commands.ts';

/** The resource type of a topic's configs. */
const topicResource = 2;

const admin = (
  name: string,
  run: (context: CaseContext, client: Admin) => Promise<void>,
  quick = false,
): ConformanceCase => ({
  name: `admin: ${name}`,
  quick,
  async run(context) {
    const client = connect(context).admin();
    await client.connect();
    context.atEnd(() => client.disconnect());
    await run(context, client);
  },
});

async function fill(context: CaseContext, topic: string, count: number): Promise<void> {
  const producer = connect(context).producer();
  await producer.connect();
  await producer.send({ topic, messages: numbered('v', count).map((value) => ({ value })) });
  await producer.disconnect();
}

const topics = admin(
  'topics, partitions, the cluster',
  async (context, client) => {
    const topic = context.name('t');
    assert.equal(
      await client.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true }),
      true,
    );
    assert.equal(await client.createTopics({ topics: [{ topic, numPartitions: 2 }] }), false);
    await client.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
    const partitionsOf = async () =>
      (await client.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length;
    await reached(async () => (await partitionsOf()) === 5, 'five partitions');
    await assert.rejects(client.createPartitions({ topicPartitions: [{ topic, count: 3 }] }), /partitions/i);
    assert.ok((await client.listTopics()).includes(topic));
    const cluster = await client.describeCluster();
    assert.equal(cluster.brokers.length, 1);
    assert.equal(cluster.controller, cluster.brokers[0]?.nodeId);
    await client.deleteTopics({ topics: [topic] });
    await reached(async () => !(await client.listTopics()).includes(topic), 'the end of the topic');
  },
  true,
);

const tooManyCopies = admin('three replicas are refused', async (context, client) => {
  const made = client.createTopics({ topics: [{ topic: context.name('t'), replicationFactor: 3 }] });
  const error = await made.then(
    () => undefined,
    (reason: Error & { errors?: readonly Error[] }) => reason,
  );
  assert.match(`${error?.message} ${error?.errors?.map(({ message }) => message).join()}`, /replication/i);
});

const configs = admin(
  'configs of a topic',
  async (context, client) => {
    const topic = await context.topic('t', { configs: { 'cleanup.policy': 'compact' } });
    const resource = { type: topicResource, name: topic };
    const valueOf = async (name: string) => {
      const { resources } = await client.describeConfigs({
        includeSynonyms: true,
        resources: [{ ...resource, configNames: [name] }],
      });
      return resources[0]?.configEntries[0];
    };
    assert.equal((await valueOf('cleanup.policy'))?.configValue, 'compact');
    assert.equal((await valueOf('retention.ms'))?.configValue, '604800000');
    assert.equal((await valueOf('retention.ms'))?.isDefault, true);
    await client.alterConfigs({
      validateOnly: false,
      resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '1000' }] }],
    });
    await reached(async () => (await valueOf('retention.ms'))?.configValue === '1000', 'the new value');
    assert.equal((await valueOf('cleanup.policy'))?.configValue, 'delete');
    const wrong = [{ ...resource, configEntries: [{ name: 'retention.ms', value: 'soon' }] }];
    await assert.rejects(client.alterConfigs({ validateOnly: true, resources: wrong }), /config/i);
  },
  true,
);

const offsets = admin('offsets of a topic, by position and timestamp', async (context, client) => {
  const topic = await context.topic('t');
  await fill(context, topic, 5);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const between = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await fill(context, topic, 3);
  assert.deepEqual(await client.fetchTopicOffsets(topic), [
    { partition: 0, offset: '8', high: '8', low: '0' },
  ]);
  assert.deepEqual(await client.fetchTopicOffsetsByTimestamp(topic, between), [
    { partition: 0, offset: '5' },
  ]);
});

const deleteRecords = admin(
  'deleteTopicRecords',
  async (context, client) => {
    const topic = await context.topic('t');
    await fill(context, topic, 10);
    await client.fetchTopicOffsets(topic); // the call below works only for topics that this client has looked up
    await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] });
    assert.deepEqual(await client.fetchTopicOffsets(topic), [
      { partition: 0, offset: '10', high: '10', low: '4' },
    ]);
    assert.equal((await readMessages(context, topic, 6))[0]?.offset, '4');
    await client.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
    assert.equal((await client.fetchTopicOffsets(topic))[0]?.low, '10');
  },
  true,
);

const groups = admin('groups: list, describe, offsets set and reset, delete', async (context, client) => {
  const topic = await context.topic('t');
  const groupId = context.name('group');
  await fill(context, topic, 10);
  await readMessages(context, topic, 10, { groupId });
  const committed = async () =>
    (await client.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset;
  assert.equal(await committed(), '10');
  assert.ok(
    (await client.listGroups()).groups.some(
      (each) => each.groupId === groupId && each.protocolType === 'consumer',
    ),
  );
  assert.equal((await client.describeGroups([groupId])).groups[0]?.state, 'Empty');
  await client.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '3' }] });
  assert.equal(await committed(), '3');
  await client.resetOffsets({ groupId, topic, earliest: true });
  assert.equal(
    (await client.fetchOffsets({ groupId, topics: [topic], resolveOffsets: true }))[0]?.partitions[0]?.offset,
    '0',
  );
  await client.deleteGroups([groupId]);
  assert.ok(!(await client.listGroups()).groups.some((each) => each.groupId === groupId));
  const impatient = connect(context).admin({ retry: { retries: 0 } });
  await impatient.connect();
  context.atEnd(() => impatient.disconnect());
  await assert.rejects(impatient.deleteGroups([groupId]), /group/i);
});

export const kafkajsAdminCases: readonly ConformanceCase[] = [
  topics,
  tooManyCopies,
  configs,
  offsets,
  deleteRecords,
  groups,
];
