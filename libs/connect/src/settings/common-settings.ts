import type { Connector } from '../plugin/connector.ts';
import { checkExpression } from '../plugin/expression.ts';
import type { ConnectSetting } from '../plugin/setting.ts';

const low = (name: string, type: ConnectSetting['type'], fallback: string, doc: string): ConnectSetting => ({
  name,
  type,
  default: fallback,
  importance: 'LOW',
  doc,
});

const optional = (name: string, type: ConnectSetting['type'], doc: string): ConnectSetting => ({
  name,
  type,
  optional: true,
  importance: 'MEDIUM',
  doc,
});

const required = (name: string, type: ConnectSetting['type'], doc: string): ConnectSetting => ({
  name,
  type,
  importance: 'HIGH',
  doc,
});

const of = (values: readonly string[], setting: ConnectSetting): ConnectSetting => ({ ...setting, values });

const ofEvery: readonly ConnectSetting[] = [
  {
    ...required('name', 'STRING', 'The name of the connector, unique in its cluster.'),
    check: (name) =>
      /^[^\s/\\%?#][^/\\%?#]{0,199}$/.test(name) && name.trim() === name
        ? undefined
        : 'use up to 200 characters, without / \\ % ? # and without spaces at the ends',
  },
  required('connector.class', 'STRING', 'The class of the connector, or one of its aliases.'),
  {
    ...low('tasks.max', 'INT', '1', 'The most tasks of the connector.'),
    importance: 'HIGH',
    min: 1,
    max: 1_000,
  },
  low('tasks.max.enforce', 'BOOLEAN', 'true', 'Changes nothing: tasks.max always holds.'),
  of(['none', 'restart'], low('config.action.reload', 'STRING', 'restart', 'Changes nothing here.')),
  low('transforms', 'LIST', '', 'The names of the transforms, in their order.'),
  low('predicates', 'LIST', '', 'The names of the predicates.'),
  {
    ...low('errors.retry.timeout', 'LONG', '0', 'How long a conversion is retried, in ms. -1: for ever.'),
    min: -1,
  },
  { ...low('errors.retry.delay.max.ms', 'LONG', '60000', 'The longest pause between two attempts.'), min: 0 },
  of(['none', 'all'], low('errors.tolerance', 'STRING', 'none', 'all: leaves out records that fail.')),
  low('errors.log.enable', 'BOOLEAN', 'false', 'Whether tolerated errors are logged.'),
  low('errors.log.include.messages', 'BOOLEAN', 'false', 'Whether these lines have topic and offset.'),
];

const ofSinks: readonly ConnectSetting[] = [
  optional('topics', 'LIST', 'The topics to read, separated by commas.'),
  {
    ...optional('topics.regex', 'STRING', 'The expression that the whole names of the topics match.'),
    check: checkExpression,
  },
  low('errors.deadletterqueue.topic.name', 'STRING', '', 'The topic for records that fail. Empty: none.'),
  {
    ...low(
      'errors.deadletterqueue.topic.replication.factor',
      'INT',
      '-1',
      "Its replicas. -1: the cluster's default.",
    ),
    min: -1,
    max: 32_767,
  },
  low('errors.deadletterqueue.context.headers.enable', 'BOOLEAN', 'false', 'Whether its records say why.'),
  of(
    ['earliest', 'latest', 'none'],
    low('consumer.override.auto.offset.reset', 'STRING', 'earliest', 'Where a new connector begins.'),
  ),
];

const ofSources: readonly ConnectSetting[] = [
  {
    ...low('topic.creation.default.partitions', 'INT', '1', 'The partitions of the topics that it creates.'),
    min: -1,
    max: 10_000,
  },
  {
    ...low(
      'topic.creation.default.replication.factor',
      'INT',
      '-1',
      "Their replicas. -1: the cluster's default.",
    ),
    min: -1,
    max: 32_767,
  },
  of(
    ['requested', 'required'],
    low('exactly.once.support', 'STRING', 'requested', 'Changes nothing: sources always write exactly once.'),
  ),
  of(['poll'], low('transaction.boundary', 'STRING', 'poll', 'Each poll is one transaction.')),
];

/** The topic configs that a source may set with the prefix `topic.creation.default.`. */
export const topicConfigs = [
  'cleanup.policy',
  'compression.type',
  'delete.retention.ms',
  'max.message.bytes',
  'message.timestamp.type',
  'min.cleanable.dirty.ratio',
  'min.compaction.lag.ms',
  'min.insync.replicas',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'segment.ms',
] as const;

export const topicCreation = 'topic.creation.default.';

export const converterSettings = ['key.converter', 'value.converter', 'header.converter'] as const;

const sourceTopicSettings = topicConfigs.map((name) =>
  optional(`${topicCreation}${name}`, 'STRING', `${name} of the topics that it creates.`),
);

/** The settings of every connector of a kind, except for converters, transforms and predicates. */
export const commonSettings = ({ kind }: Pick<Connector, 'kind'>): readonly ConnectSetting[] =>
  kind === 'sink' ? [...ofEvery, ...ofSinks] : [...ofEvery, ...ofSources, ...sourceTopicSettings];
