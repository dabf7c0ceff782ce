import { Injectable } from '@nestjs/common';
import { lagOfGroups, partitionRows, topicRows } from '@millrace/operations/client';
import type { ShownTopic, TopicList } from '../api/topics.ts';
import { withNumbers } from '../api/with-numbers.ts';
import { LogConnections } from '../system/log-connections.ts';

interface TopicFilter {
  /** A part of the name. */
  readonly name: string;
  /** Whether the brokers' internal topics are included. */
  readonly internal: boolean;
  readonly limit: number;
}

/** The configs that decide how long records are kept. */
const keepingConfigs = ['retention.ms', 'retention.bytes', 'cleanup.policy'];

/** Reads topics from the brokers. */
@Injectable()
export class TopicReader {
  constructor(private readonly connections: LogConnections) {}

  /** Lists the first topics by name. Sizes and configs are read only for those that are shown. */
  list({ name, internal, limit }: TopicFilter): Promise<TopicList> {
    return this.connections.use(async (log) => {
      const matching = (await log.admin.topics.list({ internal }))
        .filter((topic) => topic.name.toLowerCase().includes(name.toLowerCase()))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
      const shown = matching.slice(0, limit);
      const [rows, configs] = await Promise.all([
        topicRows(log, shown),
        log.admin.configs.describe(shown.map((topic) => ({ type: 'topic', name: topic.name }))),
      ]);
      const keepingOf = (index: number) =>
        keepingConfigs.map((config) => [config, configs[index]?.get(config)?.value ?? null]);
      return {
        topics: rows.map((row, index) => ({
          ...withNumbers(row),
          configs: Object.fromEntries(keepingOf(index)),
        })),
        matching: matching.length,
      };
    });
  }

  one(topic: string): Promise<ShownTopic> {
    return this.connections.use(async (log) => {
      const described = [...(await log.admin.topics.describe([topic])).values()];
      const [rows, [configs], readers] = await Promise.all([
        partitionRows(log, described),
        log.admin.configs.describe([{ type: 'topic', name: topic }]),
        lagOfGroups(log.admin, log.lags, { topic }),
      ]);
      return {
        topicId: described[0]?.topicId ?? '',
        partitions: (rows.get(topic) ?? []).map(withNumbers),
        configs: [...(configs?.values() ?? [])].map(({ name, value, source }) => ({ name, value, source })),
        readers: readers.map(withNumbers),
      };
    });
  }
}
