import { InvalidInput, withAdmin, withReader } from '@millrace/operations/client';
import type { Admin, ConfigChange, ConfigEntry } from '@millrace/streaming-core/client';
import { pause } from '@millrace/streaming-core/runtime';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import { firstOf, type Call, type CommandDefinition } from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { showOutcome, showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';

const topicArgument = { name: '<topic>', meaning: 'name of the topic' };

export const createTopic: CommandDefinition = {
  name: 'create',
  summary: 'creates a topic, which can be written to once the command has ended',
  arguments: [topicArgument],
  options: [
    bootstrapOption,
    { flags: '--partitions <count>', meaning: "number of partitions (default: the cluster's)" },
    { flags: '--replicas <count>', meaning: "replicas of each partition (default: the cluster's)" },
    {
      flags: '--config <name=value>',
      meaning: "a config by Kafka's name; may be repeated",
      repeatable: true,
    },
  ],
  examples: ['topics create audit --partitions 6 --config retention.ms=604800000'],
  async run(call) {
    const name = firstOf(call);
    const { options } = call;
    const configs = Object.fromEntries(options.list('config').map(pairIn));
    const topic = {
      name,
      partitions: options.count('partitions', 1),
      replicationFactor: options.count('replicas', 1),
      configs,
    };
    const created = await withAdmin(clusterOf(call), async (admin) =>
      (await admin.topics.create([topic])).get(name),
    );
    showOutcome(call, { topic: name, ...created }, `created ${name} with ${created?.partitions} partitions`);
  },
};

const configColumns: Columns<ConfigEntry> = {
  CONFIG: 'name',
  VALUE: ({ value, sensitive }) => (sensitive ? '(hidden)' : value),
  'SET BY': 'source',
};

export const topicConfigs: CommandDefinition = {
  name: 'configs',
  summary: 'shows the configs of a topic, and changes some of them with --set and --unset',
  arguments: [topicArgument],
  options: [
    bootstrapOption,
    { flags: '--set <name=value>', meaning: 'set a config; may be repeated', repeatable: true },
    { flags: '--unset <name>', meaning: "return to the cluster's value; may be repeated", repeatable: true },
    { flags: '--all', meaning: 'show the defaults as well' },
    yesOption,
  ],
  examples: [
    'topics configs order-commands --all',
    'topics configs order-commands --set retention.ms=86400000',
  ],
  async run(call) {
    const name = firstOf(call);
    const { options } = call;
    const changes: readonly ConfigChange[] = [
      ...options.list('set').map((text) => {
        const [config, value] = pairIn(text);
        return { operation: 'set' as const, name: config, value };
      }),
      ...options.list('unset').map((config) => ({ operation: 'delete' as const, name: config })),
    ];
    if (changes.length > 0) await confirm(call, `change ${changes.length} configs of topic ${name}`);
    const entries = await withAdmin(clusterOf(call), async (admin) => {
      if (changes.length > 0) await admin.configs.alter([{ type: 'topic', name, changes }]);
      const configs = await configsOnce(call, admin, name, changes);
      return configs.filter(({ isDefault }) => options.flag('all') || !isDefault);
    });
    showRows(call, entries, {
      columns: configColumns,
      none: `${name} has no configs of its own: --all shows the defaults`,
    });
  },
};

/** How long Apache Kafka may show configs as they were before a change that it has confirmed. */
const showsOldMsMax = 5_000;

/** Returns the configs of a topic once they show these changes. */
async function configsOnce(
  { session: { clock, signal } }: Call,
  admin: Admin,
  name: string,
  changes: readonly ConfigChange[],
): Promise<readonly ConfigEntry[]> {
  const end = clock.monotonic() + showsOldMsMax;
  for (;;) {
    const [configs] = await admin.configs.describe([{ type: 'topic', name }]);
    const isShown = (change: ConfigChange) => {
      const shown = configs?.get(change.name);
      return change.operation === 'delete' ? shown?.isDefault !== false : shown?.value === change.value;
    };
    if (changes.every(isShown) || clock.monotonic() > end) return [...(configs?.values() ?? [])];
    await pause(clock, 50, signal);
  }
}

export const deleteTopic: CommandDefinition = {
  name: 'delete',
  summary: 'deletes a topic with all of its records',
  arguments: [topicArgument],
  options: [bootstrapOption, yesOption],
  examples: ['topics delete audit --yes'],
  async run(call) {
    const topic = firstOf(call);
    await withAdmin(clusterOf(call), async (admin) => {
      await admin.topics.describe([topic]); // so that a wrong name is refused before the question
      await confirm(call, `delete topic ${topic} with all of its records, which cannot be undone`);
      await admin.topics.delete([topic]);
    });
    showOutcome(call, { topic, deleted: true }, `deleted ${topic}`);
  },
};

export const deleteRecords: CommandDefinition = {
  name: 'delete-records',
  summary: 'deletes the records of a topic up to its present end, or before an offset of one partition',
  arguments: [topicArgument],
  options: [
    bootstrapOption,
    { flags: '--partition <number>', meaning: 'only this partition' },
    { flags: '--before <offset>', meaning: 'keep the records from this offset on; needs --partition' },
    yesOption,
  ],
  examples: ['topics delete-records inventory-commands.dlq --yes'],
  async run(call) {
    const topic = firstOf(call);
    const partition = call.options.count('partition');
    const before = call.options.count('before');
    if (before !== undefined && partition === undefined)
      throw new InvalidInput('--before is an offset of one partition: add --partition');
    await withAdmin(clusterOf(call), async (admin) => {
      const described = (await admin.topics.describe([topic])).get(topic);
      const partitions = (described?.partitions ?? [])
        .filter((one) => partition === undefined || one.partition === partition)
        .map((one) => ({ topic, partition: one.partition }));
      if (partitions.length === 0) throw new InvalidInput(`${topic} has no partition ${partition}`);
      const ends = await withReader(clusterOf(call), (reader) => reader.endOffsets(partitions));
      const to = ends.map((end) => ({ ...end, offset: before === undefined ? end.offset : BigInt(before) }));
      const upTo = to.map((each) => `${each.offset} in partition ${each.partition}`).join(', ');
      await confirm(call, `delete the records of ${topic} before offset ${upTo}, which cannot be undone`);
      const starts = await admin.records.delete(to);
      showOutcome(call, starts, `deleted the records of ${topic} before offset ${upTo}`);
    });
  },
};

function pairIn(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^([a-z][\w.-]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidInput(`${text} is no config: give NAME=VALUE, such as retention.ms=604800000`);
  return [name, value];
}
