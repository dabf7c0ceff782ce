import type { fetch } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';
import { ClientError, toClientError } from '../errors/client-error.ts';
import { brokerError } from '../connection/accept.ts';
import { PartitionMap, nameOf } from '../partition-map.ts';
import type {
  FetchedPartition,
  FetchedRecord,
  FetchPosition,
  UndecodedPartition,
} from '../fetched-records.ts';
import { BatchRecords, damagedBatch } from './batch-records.ts';
import { decodeBatches } from './fetch-decoding.ts';

type FetchResponse = Infer<(typeof fetch)['response']>;
type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number];

/** The ends of a partition as a broker's answer gives them. */
export type FetchedEnds = Pick<FetchedPartition, 'highWatermark' | 'lastStableOffset'>;

export const unknownEnds: FetchedEnds = { highWatermark: -1n };

/** The answer for one partition, with the records of its batches. */
export interface AnsweredPartition extends UndecodedPartition {
  readonly records: BatchRecords;
}

/** Shared by all partitions without news, which are most of an answer. */
const noRecords = new BatchRecords({ topic: '', partition: -1 }, -1n, []);

/** Decodes all records. */
export function decodedPartition(
  position: FetchPosition,
  answered: AnsweredPartition,
): FetchedPartition<FetchedRecord> {
  try {
    return { ...answered, records: answered.records === noRecords ? [] : answered.records.rest() };
  } catch (error) {
    return { ...answered, records: [], nextOffset: position.offset, error: error as ClientError };
  }
}

export function failedPartition(
  position: FetchPosition,
  error: ClientError,
  ends = unknownEnds,
): AnsweredPartition {
  return { ...emptyPartition(position, ends), error };
}

export function emptyPartition(
  { topic, partition, offset }: FetchPosition,
  ends = unknownEnds,
): AnsweredPartition {
  const { highWatermark, lastStableOffset } = ends;
  const answered = { topic, partition, records: noRecords, nextOffset: offset, highWatermark };
  return lastStableOffset === undefined ? answered : { ...answered, lastStableOffset };
}

/** Returns the result for a partition that is missing in the broker's answer. */
export const missingPartition = (position: FetchPosition): AnsweredPartition =>
  failedPartition(
    position,
    new ClientError('broker_error', `the broker's answer does not include ${nameOf(position)}`),
  );

/** Returns one result for every position. */
export function fetchedPartitions(
  positions: readonly FetchPosition[],
  { responses }: Pick<FetchResponse, 'responses'>,
  {
    topicOf,
    leftOut,
  }: {
    /** Maps a topic id to the topic's name. Before Fetch v13 the response has the name itself. */
    topicOf(id: string): string | undefined;
    /** Returns the result for a partition that the response does not have. */
    leftOut(position: FetchPosition): AnsweredPartition;
  },
): readonly AnsweredPartition[] {
  const answers = new PartitionMap<PartitionAnswer>();
  for (const { topic: given, topicId, partitions } of responses) {
    const topic = given || topicOf(topicId);
    if (topic === undefined) continue;
    for (const answer of partitions) answers.set({ topic, partition: answer.partitionIndex }, answer);
  }
  return positions.map((position) => {
    const answer = answers.get(position);
    return answer ? fetchedPartition(position, answer) : leftOut(position);
  });
}

function fetchedPartition(position: FetchPosition, answer: PartitionAnswer): AnsweredPartition {
  const { topic, partition, offset } = position;
  const { errorCode, records, abortedTransactions } = answer;
  const ends = endsOf(answer);
  if (errorCode !== errorCodes.NONE)
    return failedPartition(position, toClientError(brokerError(errorCode), attemptOf(position)), ends);
  try {
    const decoded = decodeBatches(position, offset, records ?? noBytes, abortedTransactions ?? []);
    return { topic, partition, ...decoded, ...ends };
  } catch (error) {
    return failedPartition(position, damagedBatch(position, error), ends);
  }
}

const endsOf = ({ highWatermark, lastStableOffset }: PartitionAnswer): FetchedEnds =>
  lastStableOffset < 0n ? { highWatermark } : { highWatermark, lastStableOffset };

const attemptOf = ({ topic, partition, offset }: FetchPosition): string =>
  `fetching ${topic}/${partition} at offset ${offset}`;

const noBytes = Buffer.alloc(0);
