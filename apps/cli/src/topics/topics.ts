import {
  withAdmin,
  withReader,
  partitionRows,
  topicRows,
  type LogTools,
  type PartitionRow,
  type TopicRow,
} from '@millrace/operations/client';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import { firstOf, type Call, type CommandDefinition, type CommandGroup } from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';
import { createTopic, deleteRecords, deleteTopic, topicConfigs } from './change-topics.ts';

const topicColumns: Columns<TopicRow> = {
  TOPIC: 'topic',
  PARTITIONS: 'partitions',
  REPLICAS: 'replicas',
  'UNDER-REPLICATED': 'underReplicated',
  OFFSETS: 'offsets',
  BYTES: 'sizeBytes',
};

const partitionColumns: Columns<PartitionRow> = {
  PARTITION: 'partition',
  LEADER: 'leader',
  REPLICAS: ({ replicas }) => replicas.join(','),
  'IN SYNC': ({ inSyncReplicas }) => inSyncReplicas.join(','),
  START: 'logStartOffset',
  END: 'logEndOffset',
  BYTES: 'sizeBytes',
};

const withLog = <Result>(call: Call, work: (tools: LogTools) => Promise<Result>): Promise<Result> =>
  withAdmin(clusterOf(call), (admin) => withReader(clusterOf(call), (reader) => work({ admin, reader })));

const listTopics: CommandDefinition = {
  name: 'list',
  summary: 'lists the topics with their sizes',
  options: [
    bootstrapOption,
    { flags: '--internal', meaning: 'include the topics that brokers keep for themselves' },
  ],
  watchable: true,
  examples: ['topics list', 'topics list --internal --json'],
  async run(call) {
    const internal = call.options.flag('internal');
    const rows = await withLog(call, async (tools) =>
      topicRows(tools, await tools.admin.topics.list({ internal })),
    );
    showRows(call, rows, { columns: topicColumns, none: emptyList('topics') });
  },
};

const describeTopic: CommandDefinition = {
  name: 'describe',
  summary: 'shows the partitions of a topic, and the configs that were set for it',
  arguments: [{ name: '<topic>', meaning: 'name of the topic' }],
  options: [bootstrapOption],
  examples: ['topics describe order-events'],
  async run(call) {
    const topic = firstOf(call);
    const { terminal } = call.session;
    await withLog(call, async (tools) => {
      const description = (await tools.admin.topics.describe([topic])).get(topic);
      const [configs] = await tools.admin.configs.describe([{ type: 'topic', name: topic }]);
      const set = [...(configs?.values() ?? [])].filter(({ isDefault }) => !isDefault);
      const partitions =
        description === undefined ? [] : ((await partitionRows(tools, [description])).get(topic) ?? []);
      const configsSet = Object.fromEntries(set.map(({ name, value }) => [name, value]));
      if (call.options.flag('json'))
        return terminal.out(
          jsonOf({ topic, topicId: description?.topicId, configs: configsSet, partitions }),
        );
      terminal.out(`topic ${topic}, id ${description?.topicId}`);
      terminal.out(set.map(({ name, value }) => `${name}=${value}`).join('\n') || 'no configs of its own');
      terminal.out(renderTable(partitionColumns, partitions));
    });
  },
};

export const topics: CommandGroup = {
  name: 'topics',
  summary: 'looks at topics, creates, configures and deletes them',
  commands: [listTopics, describeTopic, createTopic, topicConfigs, deleteRecords, deleteTopic],
};
