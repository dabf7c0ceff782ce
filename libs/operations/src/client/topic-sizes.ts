import type { Admin, OpenLogReader, TopicDescription } from '@millrace/streaming-core/client';

export interface TopicRow {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Partitions with fewer replicas in sync than there are replicas. */
  readonly underReplicated: number;
  /** The offsets between the beginning and the end, markers of transactions included. */
  readonly offsets: bigint;
  /** The bytes of the logs of all replicas. */
  readonly sizeBytes: bigint;
}

export interface PartitionRow {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly logStartOffset: bigint;
  readonly logEndOffset: bigint;
  readonly sizeBytes: bigint;
}

export interface LogTools {
  readonly admin: Admin;
  readonly reader: OpenLogReader;
}

/** Describes topics with their sizes, one row each, by name. */
export async function topicRows(
  tools: LogTools,
  topics: readonly TopicDescription[],
): Promise<readonly TopicRow[]> {
  const partitions = await partitionRows(tools, topics);
  return topics
    .map(({ name }) => {
      const rows = partitions.get(name) ?? [];
      return {
        topic: name,
        partitions: rows.length,
        replicas: Math.max(0, ...rows.map(({ replicas }) => replicas.length)),
        underReplicated: rows.filter(
          ({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length,
        ).length,
        offsets: sumOf(rows.map(({ logStartOffset, logEndOffset }) => logEndOffset - logStartOffset)),
        sizeBytes: sumOf(rows.map(({ sizeBytes }) => sizeBytes)),
      };
    })
    .sort((left, right) => (left.topic < right.topic ? -1 : 1));
}

/** Describes the partitions of topics, by the topic's name. */
export async function partitionRows(
  { admin, reader }: LogTools,
  topics: readonly TopicDescription[],
): Promise<ReadonlyMap<string, readonly PartitionRow[]>> {
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  );
  const [starts, ends, dirs] = await Promise.all([
    reader.beginningOffsets(all),
    reader.endOffsets(all),
    admin.logDirs.describe({ partitions: all }),
  ]);
  const partitionName = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
    `${topic}/${partition}`;
  const offsetIn = (offsets: typeof starts) =>
    new Map(offsets.map((one) => [partitionName(one), one.offset] as const));
  const start = offsetIn(starts);
  const end = offsetIn(ends);
  const logs = Map.groupBy(
    dirs.flatMap((dir) => dir.logs),
    partitionName,
  );
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      partitions.map(({ partition, leader, replicas, inSyncReplicas }) => {
        const named = partitionName({ topic: name, partition });
        return {
          partition,
          leader,
          replicas,
          inSyncReplicas,
          logStartOffset: start.get(named) ?? 0n,
          logEndOffset: end.get(named) ?? 0n,
          sizeBytes: sumOf((logs.get(named) ?? []).map(({ sizeBytes }) => sizeBytes)),
        };
      }),
    ]),
  );
}

const sumOf = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, each) => sum + each, 0n);
