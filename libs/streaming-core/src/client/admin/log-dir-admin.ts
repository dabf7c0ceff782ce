import { describeLogDirs } from '../../protocol/apis/cluster.ts';
import { type ClientError, toClientError } from '../errors/client-error.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { AdminCalls } from './admin-calls.ts';
import { askResponsible, runningBrokers } from './by-broker.ts';
import { byTopic, namedItems, refusal } from './items-of-call.ts';

/** The log of one replica. */
export interface LogSize extends TopicPartition {
  readonly sizeBytes: bigint;
  /** How many offsets the replica is behind the leader. */
  readonly offsetLag: bigint;
  /** True if the log will replace the one in another folder, to which it is being copied. */
  readonly future: boolean;
}

export interface LogDir {
  readonly broker: number;
  readonly path: string;
  readonly logs: readonly LogSize[];
  /** The size of the volume, or -1 if the broker does not report it. */
  readonly totalBytes: bigint;
  /** The bytes of the volume that the broker may still use, or -1 if it does not report them. */
  readonly usableBytes: bigint;
  /** Why the folder cannot be used, for instance because its disk has failed. */
  readonly error?: ClientError;
}

export interface LogDirOptions {
  /** The partitions to show. The default is all. */
  readonly partitions?: readonly TopicPartition[];
}

/** Shows where brokers keep their logs, and how much of their disks these use. */
export interface LogDirAdmin {
  /**
   * Describes the folders of every broker that is running. Rejects with `ItemsFailed`, by the ids of
   * the brokers, if some brokers did not answer.
   */
  describe(options?: LogDirOptions): Promise<readonly LogDir[]>;
}

export class LogDirCalls implements LogDirAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async describe({ partitions }: LogDirOptions = {}): Promise<readonly LogDir[]> {
    const running = await this.#calls.persistently('asking for the brokers', () =>
      runningBrokers(this.#calls.brokers),
    );
    const dirs = await this.#calls.each({
      items: namedItems(running, ({ nodeId }) => String(nodeId)),
      attempt: (id) => `describing the log folders of broker ${id}`,
      ask: (pending) =>
        askResponsible(this.#calls.brokers, pending, pending, async (connection, asked) => {
          const described = [...asked].map(
            async ([name, { nodeId }]) => [name, await describeOnce(connection, nodeId, partitions)] as const,
          );
          return new Map(await Promise.all(described));
        }),
    });
    return [...dirs.values()].flat();
  }
}

async function describeOnce(
  connection: BrokerConnection,
  broker: number,
  partitions: readonly TopicPartition[] | undefined,
): Promise<readonly LogDir[]> {
  const topics = partitions === undefined ? null : byTopic(partitions);
  const { errorCode, results } = await connection.request(
    describeLogDirs,
    connection.versions.newest(describeLogDirs),
    {
      topics:
        topics?.map(([topic, places]) => ({ topic, partitions: places.map(({ partition }) => partition) })) ??
        null,
    },
  );
  accept(errorCode);
  return results.map((dir) => {
    const problem = refusal(dir.errorCode);
    return {
      broker,
      path: dir.logDir,
      logs: dir.topics.flatMap(({ name, partitions: logs }) =>
        logs.map((log) => ({
          topic: name,
          partition: log.partitionIndex,
          sizeBytes: log.partitionSize,
          offsetLag: log.offsetLag,
          future: log.isFutureKey,
        })),
      ),
      totalBytes: dir.totalBytes,
      usableBytes: dir.usableBytes,
      ...(problem && { error: toClientError(problem, `log folder ${dir.logDir} of broker ${broker}`) }),
    };
  });
}
