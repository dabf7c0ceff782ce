import {
  alterConfigs,
  describeConfigs,
  incrementalAlterConfigs,
  listConfigResources,
} from '@millrace/streaming-core/protocol';
import type { Script } from '../script.ts';

const topicType = 2;
const brokerType = 4;

const noConfig = 'no.such.config';

const settings = [
  ['retention.ms', ['1000', '-1', '-2', 'soon', '']],
  ['cleanup.policy', ['compact', 'delete', 'compact,delete', 'none', '']],
  ['max.message.bytes', ['1000', '0', '-1', '1e3']],
  ['segment.bytes', ['2000000', '13', '1048575', '1048576']],
  ['internal.segment.bytes', ['1000', 'small']],
  ['min.insync.replicas', ['1', '2', '0']],
  ['compression.type', ['gzip', 'producer', 'fast']],
  ['message.timestamp.type', ['CreateTime', 'LogAppendTime', 'Never']],
  ['min.cleanable.dirty.ratio', ['0.1', '1.5']],
  ['unclean.leader.election.enable', ['true', 'false', 'maybe']],
  ['flush.ms', ['1000']],
  ['preallocate', ['false', 'true']],
  [noConfig, ['1']],
] as const;

const brokerSettings = [
  ['log.retention.ms', ['1000', 'soon', '']],
  ['log.cleanup.policy', ['compact', 'delete,compact', 'none']],
  ['log.segment.bytes', ['2000000', '13', '1048575']],
  [noConfig, ['1']],
  ['message.max.bytes', ['2000000', '-1']],
  ['log.cleaner.backoff.ms', ['1000', '-1']],
  ['compression.type', ['gzip', 'fast']],
  ['num.partitions', ['3']],
  ['log.retention.hours', ['3']],
  ['log.cleaner.enable', ['false']],
] as const;

const ownConfigs: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { 'retention.ms': '5000' },
  { 'cleanup.policy': 'compact' },
];
const names = settings.map(([name]) => name);

/** Reads a topic's settings, changes them one by one, replaces them, and tries wrong ones. */
export function configsTheme(script: Script): void {
  const { dice } = script;
  const topic = script.topic('t', 1, dice.pick(ownConfigs));
  const acts = { change, changeBroker, replace, describe, list };
  for (let left = dice.between(6, 14); left > 0; left -= 1)
    acts[dice.weighted({ change: 4, changeBroker: 0.7, replace: 1, describe: 4, list: 0.3 })](script, topic);
}

const resourceName = ({ dice }: Script, topic: string): string =>
  dice.mostly(topic, [`${topic}-unknown`, '', 'white space'], 0.85);

function change(script: Script, topic: string): void {
  const { dice } = script;
  const entries = Array.from({ length: dice.between(1, 2) }, () => {
    const [name, values] = dice.pick(settings);
    const configOperation = dice.mostly(0, [1, 2, 3, 4, -1], 0.7);
    return {
      name,
      configOperation,
      value: configOperation === 1 ? null : dice.mostly<string | null>(dice.pick(values), [null], 0.95),
    };
  });
  const resource = {
    resourceType: dice.mostly(topicType, [0, 3, 99], 0.95),
    resourceName: resourceName(script, topic),
    configs: entries,
  };
  script.send(incrementalAlterConfigs, {
    resources: dice.mostly([resource], [[resource, resource]], 0.95),
    validateOnly: dice.chance(0.2),
  });
  script.barrier();
}

/** Validates only, since all sessions share the broker. */
function changeBroker(script: Script): void {
  const { dice } = script;
  const [name, values] = dice.pick(brokerSettings);
  const configOperation = dice.mostly(0, [1, 2, 3, 4], 0.7);
  const configs = [{ name, configOperation, value: configOperation === 1 ? null : dice.pick(values) }];
  const resource = {
    resourceType: brokerType,
    resourceName: dice.mostly(dice.pick(['1', '']), ['2', 'x'], 0.8),
    configs,
  };
  script.send(
    incrementalAlterConfigs,
    { resources: [resource], validateOnly: true },
    { about: name === noConfig ? 'an unknown broker config' : undefined },
  );
}

function replace(script: Script, topic: string): void {
  const { dice } = script;
  const [name, values] = dice.pick(settings);
  const configs = dice.mostly([{ name, value: dice.pick(values) }], [[], [{ name, value: null }]], 0.8);
  script.send(alterConfigs, {
    resources: [{ resourceType: topicType, resourceName: resourceName(script, topic), configs }],
    validateOnly: dice.chance(0.2),
  });
  script.barrier();
}

const brokerKeys = [
  'message.max.bytes',
  'num.partitions',
  'log.retention.ms',
  'log.retention.hours',
  'log.roll.jitter.ms',
  'log.cleaner.enable',
  'auto.create.topics.enable',
  'log.preallocate',
  noConfig,
];

function describe(script: Script, topic: string): void {
  const { dice } = script;
  const ofBroker = dice.chance(0.25);
  const resource = ofBroker
    ? {
        resourceType: brokerType,
        resourceName: dice.mostly('1', ['2', '', 'x'], 0.6),
        configurationKeys: brokerKeys,
      }
    : {
        resourceType: dice.mostly(topicType, [0, 3, 99], 0.95),
        resourceName: resourceName(script, topic),
        configurationKeys: dice.pick([
          null,
          names,
          ['retention.ms'],
          ['retention.ms', 'retention.ms'],
          [],
          [noConfig],
        ]),
      };
  script.send(describeConfigs, {
    resources: [resource],
    includeSynonyms: dice.chance(0.5),
    includeDocumentation: dice.chance(0.3),
  });
}

function list(script: Script): void {
  script.send(listConfigResources, { resourceTypes: script.dice.pick([[], [2], [4], [16], [99]]) });
}
