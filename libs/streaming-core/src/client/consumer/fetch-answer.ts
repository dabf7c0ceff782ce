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

const unknownHighWatermark = -1n;

export function failedPartition(
  position: FetchPosition,
  error: ClientError,
  highWatermark = unknownHighWatermark,
): FetchedPartition<FetchedRecord> {
  return { ...emptyPartition(position, highWatermark), error };
}

export function emptyPartition(
  { topic, partition, offset }: FetchPosition,
  highWatermark = unknownHighWatermark,
): FetchedPartition<FetchedRecord> {
  return { topic, partition, records: [], nextOffset: offset, highWatermark };
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
  const { errorCode, highWatermark, records, abortedTransactions } = answer;
  if (errorCode !== errorCodes.NONE)
    return failedPartition(position, toClientError(brokerError(errorCode), attempt), highWatermark);
  try {
    const decoded = decodeRecords(position, offset, records ?? noBytes, abortedTransactions ?? []);
    return { topic, partition, ...decoded, highWatermark };
  } catch (error) {
    return failedPartition(position, toClientError(error, attempt), highWatermark);
  }
}

const noBytes = Buffer.alloc(0);
