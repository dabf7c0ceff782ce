import { checkExpression, checkReplacement, replacing, wholeMatch } from '../plugin/expression.ts';
import type { ConnectConfig, ConnectSetting } from '../plugin/setting.ts';
import type { TransformKind } from '../plugin/transform.ts';
import type { ConnectRecord } from '../record/records.ts';
import { text } from './record-part.ts';

const expression = (name: string, doc: string): ConnectSetting =>
  text(name, doc, {
    importance: 'HIGH',
    check: checkExpression,
  });

/** Renames topics. The expression has to match the whole name. */
export const regexRouter: TransformKind = {
  class: 'org.apache.kafka.connect.transforms.RegexRouter',
  settings: [
    expression('regex', 'The expression that the whole name of the topic has to match.'),
    text('replacement', 'The new name, with $1 for the first group.', {
      importance: 'HIGH',
      check: (value, { regex = '' }) => checkReplacement(regex, value),
    }),
  ],
  create(config) {
    const topicOf = replacing(config['regex']!, config['replacement']!);
    return { apply: (record) => ({ ...record, topic: topicOf(record.topic) }) };
  },
};

/** Leaves records out: those that its predicate selects, or all of them without a predicate. */
export const filter: TransformKind = {
  class: 'org.apache.kafka.connect.transforms.Filter',
  settings: [],
  create: () => ({ apply: () => undefined }),
};

export type Predicate = (record: ConnectRecord) => boolean;

/** A kind of predicate, which `predicates.NAME.type` names. */
export interface PredicateKind {
  readonly class: string;
  readonly settings: readonly ConnectSetting[];
  readonly create: (config: ConnectConfig) => Predicate;
}

const predicates = 'org.apache.kafka.connect.transforms.predicates';

export const topicNameMatches: PredicateKind = {
  class: `${predicates}.TopicNameMatches`,
  settings: [expression('pattern', 'The expression that the whole name of the topic has to match.')],
  create(config) {
    const matches = wholeMatch(config['pattern']!);
    return ({ topic }) => matches(topic);
  },
};

export const hasHeaderKey: PredicateKind = {
  class: `${predicates}.HasHeaderKey`,
  settings: [text('name', 'The name of the header.', { importance: 'HIGH' })],
  create: (config) => {
    const name = config['name'];
    return ({ headers }) => headers.some(({ key }) => key === name);
  },
};

export const recordIsTombstone: PredicateKind = {
  class: `${predicates}.RecordIsTombstone`,
  settings: [],
  create: () => (record) => record.value.value === null,
};
