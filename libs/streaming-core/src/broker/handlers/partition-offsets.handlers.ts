import type { PartitionLog } from '../../log/partition-log-port.ts';
import {
  listOffsets,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  offsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from '../../protocol/apis/list-offsets.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { checkIsolation, readsCommitted, checkLeaderEpoch } from '../fetch/partition-reads.ts';
import { listedOnce } from '../items-of-request.ts';
import { errorCodeOf, serve } from '../served-api.ts';
import {
  deleteRecords,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
} from '../../protocol/apis/topic-admin.ts';

type PartitionToAsk = ListOffsetsRequest['topics'][number]['partitions'][number];
type PartitionResult = ListOffsetsResponse['topics'][number]['partitions'][number];
type Found = Pick<PartitionResult, 'offset' | 'timestamp' | 'leaderEpoch'>;

/** The special timestamps, with the versions that introduced them. */
const special = {
  latest: { timestamp: -1n, since: 1 },
  earliest: { timestamp: -2n, since: 1 },
  maxTimestamp: { timestamp: -3n, since: 7 },
  earliestLocal: { timestamp: -4n, since: 8 },
  latestTiered: { timestamp: -5n, since: 9 },
  earliestPendingUpload: { timestamp: -6n, since: 11 },
} as const;

const none: Found = { offset: -1n, timestamp: -1n, leaderEpoch: -1 };

/**
 * ListOffsets. There is no tiered storage: the earliest local offset is the log start offset, and
 * the latest tiered and the earliest pending upload offsets do not exist.
 *
 * The end offset, and results by timestamp, include records that were acknowledged with acks=1 and
 * are not on disk yet. A producer may ask for them at once, so this waits for the sync.
 */
export const listOffsetsHandler = ({ logs, logger }: BrokerServices) =>
  serve(listOffsets, async (request, { apiVersion }) => {
    const ask = async (topic: string, partition: PartitionToAsk): Promise<PartitionResult> => {
      const { partitionIndex } = partition;
      try {
        checkIsolation(request);
        const asked = questionOf(partition.timestamp, apiVersion);
        const log = logs.partition(topic, partitionIndex);
        if (log === undefined)
          throw new ProtocolError(
            'UNKNOWN_TOPIC_OR_PARTITION',
            `there is no partition ${topic}-${partitionIndex}`,
          );
        if (log.unavailable !== undefined) throw log.unavailable;
        checkLeaderEpoch(log, partition.currentLeaderEpoch);
        if (dependsOnEnd(asked) && log.highWatermark < log.logEndOffset) await log.flush();
        const end = readsCommitted(request) ? log.lastStableOffset : log.highWatermark;
        return { partitionIndex, errorCode: errorCodes.NONE, ...find(log, asked, end) };
      } catch (error) {
        if (!(error instanceof ProtocolError))
          logger.error({ err: error, topic, partition: partitionIndex }, 'offsets could not be listed');
        return { partitionIndex, errorCode: errorCodeOf(error), ...none };
      }
    };
    const topics = listedOnce(request.topics).map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        askedOnce(partitions).map((partition) => (isAnswer(partition) ? partition : ask(name, partition))),
      ),
    }));
    return { topics: await Promise.all(topics) };
  });

/**
 * Rejects a partition that is named twice, with one result, because it is unknown which of the two
 * questions is meant.
 */
function askedOnce(partitions: readonly PartitionToAsk[]): ReadonlyArray<PartitionToAsk | PartitionResult> {
  const asked = new Map<number, PartitionToAsk | PartitionResult>();
  for (const partition of partitions) {
    const { partitionIndex } = partition;
    const refused = { partitionIndex, errorCode: errorCodes.INVALID_REQUEST, ...none };
    asked.set(partitionIndex, asked.has(partitionIndex) ? refused : partition);
  }
  return [...asked.values()];
}

const isAnswer = (partition: PartitionToAsk | PartitionResult): partition is PartitionResult =>
  'errorCode' in partition;

type Question = (typeof special)[keyof typeof special] | { readonly timestamp: bigint };

/** Checks the timestamp before the partition is looked up. */
function questionOf(timestamp: bigint, apiVersion: number): Question {
  if (timestamp >= 0n) return { timestamp };
  const asked = Object.values(special).find((entry) => entry.timestamp === timestamp);
  if (asked === undefined || apiVersion < asked.since)
    throw new ProtocolError(
      'UNSUPPORTED_VERSION',
      `timestamp ${timestamp} has no meaning in ListOffsets version ${apiVersion}`,
    );
  return asked;
}

const dependsOnEnd = (asked: Question): boolean =>
  asked.timestamp >= 0n || asked === special.latest || asked === special.maxTimestamp;

function find(log: PartitionLog, asked: Question, end: bigint): Found {
  const { leaderEpoch } = log;
  if (asked.timestamp >= 0n) return record(log.offsetForTimestamp(asked.timestamp), end);
  switch (asked) {
    case special.latest:
      return { offset: end, timestamp: -1n, leaderEpoch };
    case special.maxTimestamp:
      return record(log.maxTimestamp(), end);
    case special.latestTiered:
    case special.earliestPendingUpload:
      return none;
    default:
      return {
        offset: log.logStartOffset,
        timestamp: -1n,
        leaderEpoch: log.leaderEpochAt(log.logStartOffset) ?? leaderEpoch,
      };
  }
}

/** A record at or beyond the end that this client may read counts as not found. */
function record(found: ReturnType<PartitionLog['maxTimestamp']>, end: bigint): Found {
  if (found === undefined || found.offset >= end) return none;
  return { offset: found.offset, timestamp: found.timestampMs, leaderEpoch: found.leaderEpoch };
}

type EpochQuestion = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number];
type EpochEnd = OffsetForLeaderEpochResponse['topics'][number]['partitions'][number];

/**
 * OffsetForLeaderEpoch: returns where a leader epoch ends, for clients that check their position
 * after a change of leader (KIP-320).
 */
export const offsetForLeaderEpochHandler = (services: BrokerServices) =>
  serve(offsetForLeaderEpoch, ({ topics }) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => endOf(topic, asked, services)),
    })),
  }));

function endOf(topic: string, asked: EpochQuestion, { logs, logger }: BrokerServices): EpochEnd {
  const { partition } = asked;
  try {
    const log = logs.partition(topic, partition);
    if (log === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic}-${partition}`);
    checkLeaderEpoch(log, asked.currentLeaderEpoch);
    return { partition, errorCode: errorCodes.NONE, ...log.endOffsetForEpoch(asked.leaderEpoch) };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      logger.error({ err: error, topic, partition }, 'the end of a leader epoch could not be determined');
    return { partition, errorCode: errorCodeOf(error) };
  }
}

type PartitionToCut = DeleteRecordsRequest['topics'][number]['partitions'][number];
type DeletionResult = DeleteRecordsResponse['topics'][number]['partitions'][number];

/**
 * DeleteRecords. The new log start offset is durable when it answers. Each partition succeeds or
 * fails independently.
 */
export const deleteRecordsHandler = (services: BrokerServices) =>
  serve(deleteRecords, async ({ topics }) => ({
    topics: await Promise.all(
      listedOnce(topics).map(async ({ name, partitions }) => ({
        name,
        partitions: await Promise.all(partitions.map((partition) => cut(name, partition, services))),
      })),
    ),
  }));

async function cut(
  topic: string,
  asked: PartitionToCut,
  { logs, logger }: BrokerServices,
): Promise<DeletionResult> {
  const { partitionIndex } = asked;
  try {
    if (logs.topic(topic)?.internal === true)
      throw new ProtocolError('INVALID_TOPIC_EXCEPTION', `${topic} is managed by the broker itself`);
    const log = logs.partition(topic, partitionIndex);
    if (log === undefined)
      throw new ProtocolError(
        'UNKNOWN_TOPIC_OR_PARTITION',
        `there is no partition ${topic}-${partitionIndex}`,
      );
    return {
      partitionIndex,
      lowWatermark: await log.deleteRecordsBefore(asked.offset),
      errorCode: errorCodes.NONE,
    };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      logger.error({ err: error, topic, partition: partitionIndex }, 'records could not be deleted');
    return { partitionIndex, lowWatermark: -1n, errorCode: errorCodeOf(error) };
  }
}
