import { protocolErrorsCodesById } from '@platformatic/kafka';
import { ClientError, codeOfProtocolError } from '../client-error.ts';
import { decodeRecords } from './fetch-decoding.ts';
import type { FetchResponse, FetchResponsePartition } from '../library-types.ts';
import type { FetchedPartition, FetchPosition } from '../types.ts';

const unknownHighWatermark = -1n;

export function failedPartition(
  position: FetchPosition,
  error: ClientError,
  highWatermark = unknownHighWatermark,
): FetchedPartition {
  const { topic, partition, offset } = position;
  return { topic, partition, records: [], nextOffset: offset, highWatermark, error };
}

/**
 * Returns one result for every position. `topicOf` maps a topic id of the response to the topic's
 * name; before Fetch v13 the response has the name itself.
 */
export function fetchedPartitions(
  positions: readonly FetchPosition[],
  response: FetchResponse,
  topicOf: (id: string) => string,
): readonly FetchedPartition[] {
  const answers = new Map<string, FetchResponsePartition>();
  for (const { topicId, partitions } of response.responses)
    for (const answer of partitions) answers.set(`${topicOf(topicId)}/${answer.partitionIndex}`, answer);
  return positions.map((position) =>
    fetchedPartition(position, answers.get(`${position.topic}/${position.partition}`)),
  );
}

function fetchedPartition(
  position: FetchPosition,
  answer: FetchResponsePartition | undefined,
): FetchedPartition {
  const { topic, partition, offset } = position;
  const at = `${topic}/${partition}`;
  if (!answer)
    return failedPartition(
      position,
      new ClientError('broker_error', `the broker's answer does not include ${at}`),
    );
  if (answer.errorCode !== 0)
    return failedPartition(position, partitionError(at, offset, answer.errorCode), answer.highWatermark);
  const decoded = decodeRecords(position, offset, answer.records ?? [], answer.abortedTransactions ?? []);
  return { topic, partition, ...decoded, highWatermark: answer.highWatermark };
}

function partitionError(at: string, offset: bigint, errorCode: number): ClientError {
  const id = protocolErrorsCodesById[errorCode] ?? `error ${errorCode}`;
  return new ClientError(
    codeOfProtocolError(id),
    `fetching ${at} at offset ${offset}: the broker answers ${id}`,
  );
}
