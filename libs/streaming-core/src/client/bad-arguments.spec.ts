import { afterAll, describe, expect, it } from '@jest/globals';
import { failureOf } from './called-from-javascript.fixture.ts';
import { ClientError } from './client-error.ts';
import {
  bootstrapServersOf,
  connectAdmin,
  connectConsumer,
  connectGroupConsumer,
  connectGroupOffsets,
  connectLagReader,
  connectLogReader,
  connectProducer,
  connectTransactionalProducer,
  partitionOfKey,
  readConnectionSecurity,
} from './index.ts';

/** No broker listens on this port. */
const place = { bootstrapServers: ['127.0.0.1:1'], clientId: 'bad-arguments' };
const group = { ...place, groupId: 'shipping', topics: ['orders'] };
const at = { topic: 'orders', partition: 0 };
const record = { topic: 'orders', key: null, value: 'text' };

const producer = connectProducer(place);
const intercepted = connectProducer({ ...place, interceptors: [{}] });
const transactional = connectTransactionalProducer({ ...place, transactionalId: 'bad-arguments' });
const consumer = connectConsumer(group);
const member = connectGroupConsumer(group);
const groupOffsets = connectGroupOffsets({ ...place, groupId: 'shipping' });
const reader = connectLogReader(place);
const lag = connectLagReader(place);
const admin = connectAdmin(place);

afterAll(async () => {
  const all = [producer, intercepted, transactional, consumer, member, groupOffsets, reader, lag, admin];
  await Promise.all(all.map((client) => client.close()));
});

type Row = [name: string, call: (...given: never[]) => unknown, given: readonly unknown[], message: string];

const placeExample = "{ topic: 'orders', partition: 0 }";

describe('an argument of a wrong type', () => {
  it.each<Row>([
    ['send', producer.send, [record], 'records is an object: give an array of records'],
    ['send', producer.send, [undefined], 'records is undefined: give an array of records'],
    ['send', producer.send, [[record], { signal: 'stop' }], 'options.signal is "stop": give an AbortSignal'],
    ['send', producer.send, [[record], null], 'options is null: give an object with options'],
    ['send with interceptors', intercepted.send, ['text'], 'records is "text": give an array of records'],
    ['post', producer.post, [record], 'records is an object: give an array of records'],
    ['post', producer.post, [[record], 'done'], 'onDelivered is "done": give a function'],
    ['post with interceptors', intercepted.post, [null], 'records is null: give an array of records'],
    ['transaction', transactional.transaction, [{}], 'work is an object: give a function'],
    ['seek', consumer.seek, [{ ...at, offset: 5 }], 'to.offset is 5: give a bigint, at least 0, such as 5n'],
    ['seek', consumer.seek, [{ ...at, offset: -1n }], 'to.offset is -1n: give a bigint, at least 0'],
    [
      'pause',
      consumer.pause,
      [at],
      `partitions is an object: give an array of partitions, such as [${placeExample}]`,
    ],
    [
      'resume',
      consumer.resume,
      [['orders']],
      `partitions[0] is "orders": give a partition, such as ${placeExample}`,
    ],
    ['position', consumer.position, ['orders'], 'at is "orders": give a partition'],
    ['commit', consumer.commit, [5n], 'what is 5n: give a record, a batch, or offsets'],
    ['commit', consumer.commit, [{ ...at, offset: 5 }], 'what.offset is 5: give a bigint'],
    ['commit', consumer.commit, [[{ ...at, offset: '5' }]], 'what[0].offset is "5": give a bigint'],
    [
      'commit',
      consumer.commit,
      [[{ ...at, offset: 5n, metadata: 1 }]],
      'what[0].metadata is 1: give a string',
    ],
    [
      'committed',
      consumer.committed,
      [[{ ...at, partition: '0' }]],
      'partitions[0].partition is "0": give a whole',
    ],
    ['endOffsets', consumer.endOffsets, [undefined], 'partitions is undefined: give an array of partitions'],
    ['endOffsets', consumer.endOffsets, [[{ ...at, partition: 0.5 }]], 'partitions[0].partition is 0.5'],
    [
      'offsetsForTimes',
      consumer.offsetsForTimes,
      [[{ ...at, timestampMs: new Date(0) }]],
      'times[0].timestampMs is a Date: give Unix time in whole milliseconds, such as Date.now()',
    ],
    [
      'offsetsForTimes',
      reader.offsetsForTimes,
      [[{ ...at, timestampMs: 1.5 }]],
      'times[0].timestampMs is 1.5',
    ],
    ['offsetsForTimes', reader.offsetsForTimes, [[{ ...at, timestampMs: 1n }]], 'times[0].timestampMs is 1n'],
    ['start of a member', member.start, [undefined], 'listener is undefined: give an object with onRevoked'],
    [
      'start of a member',
      member.start,
      [{ onRevoked() {} }],
      'listener.onAssigned is undefined: give a function',
    ],
    ['fetch', member.fetch, [[at]], 'positions[0].offset is undefined: give a bigint'],
    ['fetch', reader.fetch, [{ ...at, offset: 0n }], 'positions is an object: give an array of positions'],
    [
      'identify',
      reader.identify,
      ['orders'],
      `topics is "orders": give an array of topic names, such as ['orders']`,
    ],
    ['records', reader.records, [[{ ...at, offset: 0 }]], 'from[0].offset is 0: give a bigint'],
    ['committed of a group', groupOffsets.committed, [at], 'partitions is an object: give an array'],
    ['commit for a group', groupOffsets.commit, [[at]], 'offsets[0].offset is undefined: give a bigint'],
    ['ofGroup', lag.ofGroup, [''], 'groupId is empty: give the group a name'],
    ['ofOffsets', lag.ofOffsets, [[at]], 'offsets[0].offset is undefined: give a bigint'],
    ['offsetsHeld', lag.offsetsHeld, ['orders'], 'topics is "orders": give an array of topic names'],
    ['topicExists', admin.topicExists, [['orders']], 'topic is an array: give the name of a topic'],
    ['deleteTopics', admin.deleteTopics, ['orders'], 'topics is "orders": give an array of topic names'],
    ['createTopics', admin.createTopics, [[{ name: 'orders' }]], 'declarations[0].partitions is undefined'],
    ['stableOffsets', admin.stableOffsets, ['g', at], 'partitions is an object: give an array'],
    [
      'waitUntilReachable',
      admin.waitUntilReachable,
      ['1 s'],
      'limitMs is "1 s": give a number of milliseconds',
    ],
    ['topics.create', admin.topics.create, ['orders'], `topics is "orders": give an array of topics`],
    ['topics.create', admin.topics.create, [['orders']], 'topics[0] is "orders": give a topic, such as'],
    [
      'topics.create',
      admin.topics.create,
      [[{ name: 'a', partition: 3 }]],
      'topics[0].partition is not an option',
    ],
    [
      'topics.create',
      admin.topics.create,
      [[{ name: 'a', partitions: '3' }]],
      'topics[0].partitions is "3": give',
    ],
    [
      'topics.create',
      admin.topics.create,
      [[{ name: 'a', configs: { 'retention.ms': 60_000 } }]],
      'topics[0].configs.retention.ms is 60000: give a string',
    ],
    ['topics.delete', admin.topics.delete, [[{ name: 'a' }]], 'topics[0].topicId is undefined: give the id'],
    ['topics.list', admin.topics.list, [true], 'options is true: give an object with options'],
    [
      'configs.describe',
      admin.configs.describe,
      [[{ type: 'topics', name: 'a' }]],
      'resources[0].type is "topics"',
    ],
    [
      'configs.describe',
      admin.configs.describe,
      [[{ type: 'broker', name: 1 }]],
      'resources[0].name is 1: give a',
    ],
    [
      'configs.alter',
      admin.configs.alter,
      [[{ type: 'topic', name: 'a', changes: [{ operation: 'set', name: 'retention.ms', value: 1 }] }]],
      'alterations[0].changes[0].value is 1: give a string',
    ],
    [
      'groups.describe',
      admin.groups.describe,
      ['shipping'],
      'groupIds is "shipping": give an array of group names',
    ],
    [
      'groups.commitOffsets',
      admin.groups.commitOffsets,
      ['g', [{ ...at, offset: 1 }]],
      'offsets[0].offset is 1',
    ],
    [
      'groups.resetOffsets',
      admin.groups.resetOffsets,
      ['g', { mode: 'to-earliest' }, { dryrun: true }],
      'options.dryrun is not an option: did you mean dryRun?',
    ],
    [
      'groups.resetOffsets',
      admin.groups.resetOffsets,
      ['g', { mode: 'earliest' }],
      'reset.mode is "earliest": give',
    ],
    [
      'groups.resetOffsets',
      admin.groups.resetOffsets,
      ['g', { mode: 'to-datetime', time: 0 }],
      'reset.time is 0: give a Date',
    ],
    [
      'records.delete',
      admin.records.delete,
      [[{ ...at, offset: 5 }]],
      'before[0].offset is 5: give a bigint',
    ],
    [
      'logDirs.describe',
      admin.logDirs.describe,
      [{ brokers: 1 }],
      'options.brokers is 1: give an array of ids',
    ],
    [
      'replicas.electLeaders',
      admin.replicas.electLeaders,
      [[at]],
      'type is an array: give preferred or unclean',
    ],
    [
      'replicas.reassign',
      admin.replicas.reassign,
      [[at]],
      'reassignments[0].replicas is undefined: give an array',
    ],
    ['transactions.abort', admin.transactions.abort, [at], 'transaction.transactionStartOffset is undefined'],
    [
      'partitionOfKey',
      partitionOfKey,
      ['key', 3],
      'data is "key": give a Uint8Array, such as Buffer.from(text)',
    ],
    ['readConnectionSecurity', readConnectionSecurity, [], 'environment is undefined: give an object with'],
    ['bootstrapServersOf', bootstrapServersOf, [['a:1']], 'text is an array: give a string'],
  ])('of %s is rejected with its name and the remedy (%#)', async (_name, call, given, message) => {
    const failure = await failureOf(call, ...given);

    expect(failure).toBeInstanceOf(ClientError);
    expect(failure).toMatchObject({ code: 'argument_invalid', message: expect.stringContaining(message) });
  });

  it.each<[string, object, string]>([
    ['a number as value', { ...record, value: 5 }, 'value has type number, but must be a string'],
    ['a Date as time', { ...record, timestampMs: new Date(0) }, 'but a Date: give for instance Date.now()'],
    ['a partition that is text', { ...record, partition: '0' }, 'but "0": leave it out'],
    ['headers in a Map', { ...record, headers: new Map([['id', '1']]) }, "but a Map: give { name: 'value' }"],
    ['an empty topic', { ...record, topic: '' }, 'the topic is empty, not a valid name: give 1 to 249'],
  ])('is rejected in a record, and no record of the call is sent: %s', async (_what, wrong, message) => {
    expect(await failureOf(producer.send, [record, wrong])).toMatchObject({
      code: 'record_invalid',
      message: expect.stringContaining(message),
    });
    await producer.flush();
  });
});
