import type { Logger } from '../contract/index.ts';
import type { LogManager, PartitionLog } from '../log/types.ts';
import type { FetchRequest, FetchResponse } from '../protocol/apis/fetch.ts';
import { errorCodes, ProtocolError } from '../protocol/errors.ts';
import { checkLeaderEpoch } from './leader-epoch.ts';
import { errorCodeOf } from './served-api.ts';

type TopicToRead = FetchRequest['topics'][number];
type PartitionToRead = TopicToRead['partitions'][number];
type PartitionResult = FetchResponse['responses'][number]['partitions'][number];

/** From this version on topics are named by id. */
const topicIdsSince = 13;
const readCommitted = 1;
const noRecords = Buffer.alloc(0);

export interface ReadOptions {
  readonly apiVersion: number;
  readonly logs: LogManager;
  readonly bytesMax: number;
  readonly logger: Logger;
}

/** What one Fetch finds now, and whether that is enough to answer it at once (F1): an error, nothing to read, or `minBytes` reached. */
export function readPartitions(
  request: FetchRequest,
  options: ReadOptions,
): { readonly enough: boolean; readonly response: FetchResponse } {
  let bytes = 0;
  let failed = false;
  const bytesMax = Math.min(Math.max(request.maxBytes, 0), options.bytesMax);
  const responses = request.topics.map((topic) => ({
    topic: topic.topic,
    topicId: topic.topicId,
    partitions: topic.partitions.map((partition) => {
      const result = readPartition({ request, topic, partition }, { ...options, bytesMax: bytesMax - bytes, first: bytes === 0 });
      bytes += result.records?.length ?? 0;
      failed ||= result.errorCode !== errorCodes.NONE;
      return result;
    }),
  }));
  const empty = request.topics.every(({ partitions }) => partitions.length === 0);
  return { enough: failed || empty || bytes >= request.minBytes, response: { responses } };
}

interface Target {
  readonly request: FetchRequest;
  readonly topic: TopicToRead;
  readonly partition: PartitionToRead;
}

function readPartition(target: Target, options: ReadOptions & { readonly first: boolean }): PartitionResult {
  const { partition: partitionIndex, fetchOffset, currentLeaderEpoch, partitionMaxBytes } = target.partition;
  try {
    const log = findLog(target, options);
    checkLeaderEpoch(log, currentLeaderEpoch);
    const maxBytes = Math.min(Math.max(partitionMaxBytes, 0), Math.max(options.bytesMax, 0));
    const records = options.first || maxBytes > 0 ? log.read(fetchOffset, { maxBytes, minOneBatch: options.first }) : noRecords;
    return {
      partitionIndex,
      errorCode: errorCodes.NONE,
      highWatermark: log.highWatermark,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: log.logStartOffset,
      abortedTransactions: target.request.isolationLevel === readCommitted ? [] : null,
      records,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) options.logger.error({ err: error, topic: target.topic, partitionIndex }, 'read failed');
    return { partitionIndex, errorCode: errorCodeOf(error), highWatermark: -1n, records: noRecords };
  }
}

function findLog({ topic, partition }: Target, { apiVersion, logs }: ReadOptions): PartitionLog {
  const byId = apiVersion >= topicIdsSince;
  const name = byId ? logs.topicById(topic.topicId)?.name : topic.topic;
  if (name === undefined) throw new ProtocolError('UNKNOWN_TOPIC_ID', `there is no topic with id ${topic.topicId}`);
  const log = logs.partition(name, partition.partition);
  if (log === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${name}-${partition.partition}`);
  return log;
}
