import type { produce } from '../../protocol/apis/produce.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Given, Infer } from '../../protocol/schema.ts';
import type { TopicPartition } from '../topic-partition.ts';

/** The value of `acks` in a request. With -1 all replicas in sync must have the records. */
export const acksCodes = { 0: 0, 1: 1, all: -1 } as const;
export type Acks = keyof typeof acksCodes;

/** The first version of Produce that identifies topics by their id. */
const topicIdsSince = 13;

/** Error codes that do not rule out that the batch is or will be on the log. */
export const uncertainAnswers: ReadonlySet<number> = new Set([
  errorCodes.REQUEST_TIMED_OUT,
  errorCodes.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  errorCodes.KAFKA_STORAGE_ERROR,
]);

export interface BatchToSend extends TopicPartition {
  readonly bytes: Buffer;
}

interface TopicData {
  readonly name?: string;
  readonly topicId?: string;
  readonly partitionData: { readonly index: number; readonly records: Buffer }[];
}

/** Returns the batches as the part of a Produce request that has one batch per partition. */
export function topicDataOf(
  batches: readonly BatchToSend[],
  idOf: (topic: string) => string,
  version: number,
): Given<(typeof produce)['request']>['topicData'] {
  const topics = new Map<string, TopicData>();
  for (const { topic, partition, bytes } of batches) {
    let data = topics.get(topic);
    if (data === undefined) {
      const partitionData: TopicData['partitionData'] = [];
      data =
        version < topicIdsSince ? { name: topic, partitionData } : { topicId: idOf(topic), partitionData };
      topics.set(topic, data);
    }
    data.partitionData.push({ index: partition, records: bytes });
  }
  return [...topics.values()];
}

export type ProduceAnswer = Infer<(typeof produce)['response']>;
export type PartitionAnswer = ProduceAnswer['responses'][number]['partitionResponses'][number];

/** Finds the answer about a partition. It names the topic as the request did. */
export function answerAbout(
  { topic, partition }: TopicPartition,
  topicId: string | undefined,
  { responses }: ProduceAnswer,
): PartitionAnswer | undefined {
  const answer = responses.find((one) => (one.name === '' ? one.topicId === topicId : one.name === topic));
  return answer?.partitionResponses.find(({ index }) => index === partition);
}
