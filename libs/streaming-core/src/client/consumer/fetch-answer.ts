import type { fetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';
import { ClientError, toClientError } from '../client-error.ts';
import { brokerError } from '../connection/accept.ts';
import { nameOf } from '../partition-names.ts';
import type { FetchedPartition, FetchedRecord, FetchPosition } from '../types.ts';
import { decodeRecords } from './fetch-decoding.ts';

type FetchResponse = Infer<typeof fetchResponse>;
type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number];

/** The ends of a partition that a broker has told with an answer. */
export type FetchedEnds = Pick<FetchedPartition, 'highWatermark' | 'lastStableOffset'>;

export const unknownEnds: FetchedEnds = { highWatermark: -1n };

export function failedPartition(
  position: FetchPosition,
  error: ClientError,
  ends = unknownEnds,
): FetchedPartition<FetchedRecord> {
  return { ...emptyPartition(position, ends), error };
}

export function emptyPartition(
  { topic, partition, offset }: FetchPosition,
  ends = unknownEnds,
): FetchedPartition<FetchedRecord> {
  return { topic, partition, records: [], nextOffset: offset, ...ends };
}

/** Returns the result for a partition that is missing in the broker's answer. */
export const missingPartition = (position: FetchPosition): FetchedPartition<FetchedRecord> =>
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
    leftOut(position: FetchPosition): FetchedPartition<FetchedRecord>;
  },
): readonly FetchedPartition<FetchedRecord>[] {
  const answers = new Map<string, PartitionAnswer>();
  for (const { topic, topicId, partitions } of responses)
    for (const answer of partitions)
      answers.set(`${topic || topicOf(topicId)}/${answer.partitionIndex}`, answer);
  return positions.map((position) => {
    const answer = answers.get(nameOf(position));
    return answer ? fetchedPartition(position, answer) : leftOut(position);
  });
}

function fetchedPartition(position: FetchPosition, answer: PartitionAnswer): FetchedPartition<FetchedRecord> {
  const { topic, partition, offset } = position;
  const attempt = `fetching ${topic}/${partition} at offset ${offset}`;
  const { errorCode, records, abortedTransactions } = answer;
  const ends = endsOf(answer);
  if (errorCode !== errorCodes.NONE)
    return failedPartition(position, toClientError(brokerError(errorCode), attempt), ends);
  try {
    const decoded = decodeRecords(position, offset, records ?? noBytes, abortedTransactions ?? []);
    return { topic, partition, ...decoded, ...ends };
  } catch (error) {
    return failedPartition(position, toClientError(error, attempt), ends);
  }
}

const endsOf = ({ highWatermark, lastStableOffset }: PartitionAnswer): FetchedEnds =>
  lastStableOffset < 0n ? { highWatermark } : { highWatermark, lastStableOffset };

const noBytes = Buffer.alloc(0);
