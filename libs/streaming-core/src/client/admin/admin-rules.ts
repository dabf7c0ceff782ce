import { connectionRules } from '../connection/connection-rules.ts';
import {
  callOptions,
  groupName,
  groupNames,
  offsetFrom,
  offsetsToCommit,
  placeOf,
  places,
  topicName,
  topicNames,
} from '../given/domain-rules.ts';
import type { MethodRules } from '../given/refusals.ts';
import {
  int32Max,
  listOf,
  must,
  named,
  numberFrom,
  objectOf,
  oneOfTexts,
  optional,
  optionsOf,
  span,
  text,
  truth,
  wholeNumber,
  type Rule,
  type Rules,
} from '../given/rules.ts';
import type { ClusterAdmin } from './cluster-admin.ts';
import type { ConfigAdmin } from './config-admin.ts';
import type { GroupAdmin } from './group-admin.ts';
import type { LogDirAdmin } from './log-dir-admin.ts';
import type { ProducerAdmin } from './producer-admin.ts';
import type { RecordAdmin } from './record-admin.ts';
import type { ReplicaAdmin } from './replica-admin.ts';
import type { TopicAdmin } from './topic-admin.ts';
import type { TransactionAdmin } from './transaction-admin.ts';

const int16Max = 2 ** 15 - 1;

const replicas = must(
  (value) =>
    value === -1 || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= int16Max),
  `a whole number from 1 to ${int16Max}, or -1 for the default of the cluster`,
);

/** The rules of `AdminOptions`. */
export const adminOptionRules: Rules = {
  ...connectionRules,
  operationTimeoutMs: optional(span),
  replicationFactor: optional(replicas),
  minInSyncReplicas: optional(wholeNumber(1, int16Max)),
};

const options = callOptions();
const changeOptions = callOptions({ validateOnly: optional(truth) });
const brokerIds = listOf(wholeNumber(0, int32Max), 'ids of brokers, such as [1, 2]');
const assignments = optional(listOf(brokerIds, 'the brokers of each partition, such as [[1, 2]]'));
const partitionCount = wholeNumber(1, int32Max);
const names = listOf(text, "names, such as ['Stable']");
const anyOffset = offsetFrom(-(2n ** 63n));
const transactionalIds = listOf(named('a transactional id'), "transactional ids, such as ['relay']");

/** Config values are strings, even those of numbers and booleans. */
const configs: Rule = (value, name) =>
  objectOf(
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.keys(value).map((config) => [config, text]))
      : {},
    "an object such as { 'retention.ms': '60000' }",
  )(value, name);

const newTopic = optionsOf(
  {
    name: topicName,
    partitions: optional(partitionCount),
    replicationFactor: optional(replicas),
    assignments,
    configs: optional(configs),
  },
  "a topic, such as { name: 'orders', partitions: 3 }",
);

const topicRef: Rule = (value, name) =>
  typeof value === 'string'
    ? topicName(value, name)
    : objectOf({ topicId: named('the id of the topic') }, "a topic's name or { topicId }")(value, name);

const growth = optionsOf(
  { topic: topicName, partitions: partitionCount, assignments },
  "a topic, such as { topic: 'orders', partitions: 6 }",
);

const topicRules: MethodRules<TopicAdmin> = {
  create: { topics: listOf(newTopic, "topics, such as [{ name: 'orders' }]"), options: changeOptions },
  delete: { topics: listOf(topicRef, "topics, such as ['orders']"), options },
  addPartitions: {
    topics: listOf(growth, "topics, such as [{ topic: 'orders', partitions: 6 }]"),
    options: changeOptions,
  },
  list: { options: callOptions({ internal: optional(truth) }) },
  describe: { topics: topicNames, options },
};

const replicaRules: MethodRules<ReplicaAdmin> = {
  electLeaders: { type: oneOfTexts(['preferred', 'unclean']), partitions: places, options },
  reassign: {
    reassignments: listOf(
      placeOf({ replicas: brokerIds }),
      "reassignments, such as [{ topic: 'orders', partition: 0, replicas: [1, 2] }]",
    ),
    options,
  },
  cancelReassignments: { partitions: places, options },
  reassignments: { options },
};

const resource = {
  type: oneOfTexts(['topic', 'broker', 'brokerLogger', 'clientMetrics', 'group']),
  name: text,
};
const resourceExample = "{ type: 'topic', name: 'orders' }";
const change: Rule = (value, name) => {
  const isDeletion = (value as { readonly operation?: unknown } | undefined)?.operation === 'delete';
  return objectOf(
    {
      operation: oneOfTexts(['set', 'append', 'subtract', 'delete']),
      name: named('the name of a config'),
      ...(!isDeletion && { value: text }),
    },
    "a change, such as { operation: 'set', name: 'retention.ms', value: '60000' }",
  )(value, name);
};

const configRules: MethodRules<ConfigAdmin> = {
  describe: {
    resources: listOf(objectOf(resource, resourceExample), `resources, such as [${resourceExample}]`),
    options,
  },
  alter: {
    alterations: listOf(
      objectOf(
        {
          ...resource,
          changes: listOf(change, "changes, such as [{ operation: 'delete', name: 'retention.ms' }]"),
        },
        'an object with type, name and changes',
      ),
      'objects with type, name and changes',
    ),
    options: changeOptions,
  },
};

const resetFields: Readonly<Record<string, Rules>> = {
  'to-earliest': {},
  'to-latest': {},
  'to-offset': { offset: anyOffset },
  'shift-by': { by: anyOffset },
  'to-datetime': { time: must((value) => value instanceof Date, 'a Date') },
  'by-duration': { durationMs: numberFrom(0) },
};

const reset: Rule = (value, name) => {
  const { mode } = (value ?? {}) as { readonly mode?: unknown };
  const fields = typeof mode === 'string' && Object.hasOwn(resetFields, mode) ? resetFields[mode] : {};
  return objectOf(
    { mode: oneOfTexts(Object.keys(resetFields)), ...fields },
    "an object such as { mode: 'to-earliest' }",
  )(value, name);
};

const groupRules: MethodRules<GroupAdmin> = {
  list: { options: callOptions({ states: optional(names), types: optional(names) }) },
  describe: { groupIds: groupNames, options },
  delete: { groupIds: groupNames, options },
  removeMembers: {
    groupId: groupName,
    options: callOptions({ memberIds: optional(listOf(named('the id of a member'), 'ids of members')) }),
  },
  offsets: {
    groupId: groupName,
    query: callOptions({ partitions: optional(places), stable: optional(truth) }),
  },
  commitOffsets: { groupId: groupName, offsets: offsetsToCommit, options },
  deleteOffsets: { groupId: groupName, partitions: places, options },
  resetOffsets: {
    groupId: groupName,
    reset,
    options: callOptions({
      topics: optional(topicNames),
      partitions: optional(places),
      dryRun: optional(truth),
    }),
  },
};

const before = listOf(
  placeOf({ offset: offsetFrom(-1n) }),
  "offsets, such as [{ topic: 'orders', partition: 0, offset: 5n }]",
);

const producerIds = listOf(anyOffset, 'producer ids, such as [1000n]');
const longerThanMs = optional(must(Number.isFinite, 'a number of milliseconds'));

const transactionRules: MethodRules<TransactionAdmin> = {
  list: {
    options: callOptions({
      states: optional(names),
      producerIds: optional(producerIds),
      longerThanMs,
      idPattern: optional(text),
    }),
  },
  describe: { transactionalIds, options },
  findHanging: { options: callOptions({ topics: optional(topicNames), longerThanMs }) },
  abort: { transaction: placeOf({ transactionStartOffset: offsetFrom(0n) }), options },
};

const recordRules: MethodRules<RecordAdmin> = { delete: { before, options } };
const producerRules: MethodRules<ProducerAdmin> = { describe: { partitions: places, options } };
const clusterRules: MethodRules<ClusterAdmin> = { describe: { options }, features: { options } };
const logDirRules: MethodRules<LogDirAdmin> = {
  describe: { options: callOptions({ brokers: optional(brokerIds), partitions: optional(places) }) },
};

/** The rules of the methods that are grouped by subject. */
export const subjectRules = {
  topics: topicRules,
  replicas: replicaRules,
  configs: configRules,
  groups: groupRules,
  records: recordRules,
  logDirs: logDirRules,
  producers: producerRules,
  transactions: transactionRules,
  cluster: clusterRules,
};

const declaration = objectOf(
  {
    name: topicName,
    partitions: partitionCount,
    retention: must(
      (value) => value === 'unlimited' || (typeof value === 'number' && value >= 0),
      "a number of milliseconds, or 'unlimited'",
    ),
    cleanup: oneOfTexts(['delete', 'compact']),
  },
  'the declaration of a topic',
);

/** The rules of the methods of the admin client itself. */
export const adminRules = {
  createTopics: { declarations: listOf(declaration, 'declarations of topics') },
  deleteTopics: { topics: topicNames },
  describeTopics: { topics: topicNames },
  deleteRecords: { before },
  topicExists: { topic: topicName },
  committedOffsets: { groupId: groupName },
  stableOffsets: { groupId: groupName, partitions: places },
  waitUntilReachable: { limitMs: span },
};
