import { Injectable } from '@nestjs/common';
import { lagOfGroups, partitionRows, topicRows, type TopicRow } from '@millrace/operations/client';
import type { ConfigEntry } from '@millrace/streaming-core/client';
import type { ShownTopic, TopicList, TopicSummary } from '../api/topics.ts';
import { readerView } from '../groups/group-reader.ts';
import { LogConnections } from '../system/log-connections.ts';

export interface TopicFilter {
  /** A part of the name. */
  readonly name: string;
  /** Whether topics count that the brokers keep for themselves. */
  readonly internal: boolean;
  readonly limit: number;
}

type Configs = ReadonlyMap<string, Pick<ConfigEntry, 'value'>>;

/** Reads topics from the brokers. */
@Injectable()
export class TopicReader {
  constructor(private readonly connections: LogConnections) {}

  /** The first topics by name. Only those that are shown are asked for their sizes and configs. */
  list({ name, internal, limit }: TopicFilter): Promise<TopicList> {
    return this.connections.use(async (log) => {
      const matching = (await log.admin.topics.list({ internal }))
        .filter((topic) => topic.name.toLowerCase().includes(name.toLowerCase()))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
      const topics = matching.slice(0, limit);
      const [rows, configs] = await Promise.all([
        topicRows(log, topics),
        log.admin.configs.describe(topics.map((topic) => ({ type: 'topic', name: topic.name }))),
      ]);
      const isInternal = new Set(topics.filter((topic) => topic.internal).map((topic) => topic.name));
      const configsOf = new Map(topics.map((topic, index) => [topic.name, configs[index] ?? new Map()]));
      return {
        topics: rows.map((row) => ({
          ...summaryOf(row, configsOf.get(row.topic) ?? new Map()),
          internal: isInternal.has(row.topic),
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
        internal: described[0]?.internal ?? false,
        partitions: (rows.get(topic) ?? []).map(({ logStartOffset, logEndOffset, ...partition }) => ({
          ...partition,
          start: Number(logStartOffset),
          end: Number(logEndOffset),
          sizeBytes: Number(partition.sizeBytes),
        })),
        configs: [...(configs?.values() ?? [])].map(({ name, value, source }) => ({ name, value, source })),
        readers: readers.map(readerView),
      };
    });
  }
}

function summaryOf(
  { offsets, sizeBytes, ...row }: TopicRow,
  configs: Configs,
): Omit<TopicSummary, 'internal'> {
  const numberIn = (name: string): number | null => {
    const value = configs.get(name)?.value ?? null;
    return value === null ? null : Number(value);
  };
  return {
    ...row,
    records: Number(offsets),
    sizeBytes: Number(sizeBytes),
    retentionMs: numberIn('retention.ms'),
    retentionBytes: numberIn('retention.bytes'),
    cleanupPolicy: configs.get('cleanup.policy')?.value ?? '',
  };
}
