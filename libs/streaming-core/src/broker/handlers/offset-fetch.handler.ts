import type { CommittedOffset } from '../../coordinators/groups/group-requests.ts';
import { offsetFetch, type OffsetFetchRequest } from '../../protocol/apis/group-offsets.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { zeroUuid } from '../../protocol/schema.ts';
import type { LogManager } from '../../log/log-manager.ts';
import type { BrokerServices } from '../broker-services.ts';
import { errorCodeOf, serve } from '../served-api.ts';
import { topicNameOf, type TopicReference } from '../items-of-request.ts';

/** A requested topic. It has no name if its id is unknown. */
interface AskedTopic extends Omit<TopicReference, 'name'> {
  readonly name: string | undefined;
  readonly partitionIndexes: readonly number[];
}

const severalGroupsSince = 8;
const topicIdsSince = 10;

/**
 * OffsetFetch: from version 8 for several groups, each with its own error, and from version 10 with
 * topic ids.
 */
export const offsetFetchHandler = ({ groups, logs }: BrokerServices) =>
  serve(
    offsetFetch,
    (request, { apiVersion }) => {
      const unstable = (groupId: string) => (topic: string, partition: number) =>
        request.requireStable && groups.isPending(groupId, { topic, partition });
      const committed = (groupId: string, asked: readonly AskedTopic[] | null) =>
        asked === null
          ? everything(groups.fetchOffsets(groupId, null), {
              byId: apiVersion >= topicIdsSince,
              logs,
              isUnstable: unstable(groupId),
            })
          : answerTopics(asked, groups.fetchOffsets(groupId, placesIn(asked)), unstable(groupId));
      if (apiVersion < severalGroupsSince)
        return { topics: committed(request.groupId, withoutIds(request.topics)) };
      return {
        groups: request.groups.map(({ groupId, topics }) => {
          try {
            return {
              groupId,
              topics: committed(groupId, named(topics, { byId: apiVersion >= topicIdsSince, logs })),
              errorCode: errorCodes.NONE,
            };
          } catch (error) {
            return { groupId, topics: [], errorCode: errorCodeOf(error) };
          }
        }),
      };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );

type ById = { readonly byId: boolean; readonly logs: LogManager };

const withoutIds = (topics: OffsetFetchRequest['topics']): readonly AskedTopic[] | null =>
  topics?.map((topic) => ({ ...topic, topicId: zeroUuid })) ?? null;

const named = (
  topics: OffsetFetchRequest['groups'][number]['topics'],
  options: ById,
): readonly AskedTopic[] | null =>
  topics?.map((topic) => ({ ...topic, name: topicNameOf(topic, options) })) ?? null;

const placesIn = (asked: readonly AskedTopic[]) =>
  asked.flatMap(({ name, partitionIndexes }) =>
    name === undefined ? [] : partitionIndexes.map((partition) => ({ topic: name, partition })),
  );

/** Answers for the requested partitions, with -1 where nothing is committed. */
function answerTopics(
  asked: readonly AskedTopic[],
  offsets: readonly CommittedOffset[],
  isUnstable: IsUnstable,
) {
  const byPartition = new Map(offsets.map((offset) => [`${offset.topic}-${offset.partition}`, offset]));
  return asked.map(({ name, topicId, partitionIndexes }) => ({
    name: name ?? '',
    topicId,
    partitions: partitionIndexes.map((partitionIndex) => {
      if (name === undefined)
        return { ...answerPartition(partitionIndex, undefined), errorCode: errorCodes.UNKNOWN_TOPIC_ID };
      if (isUnstable(name, partitionIndex)) return unstablePartition(partitionIndex);
      return answerPartition(partitionIndex, byPartition.get(`${name}-${partitionIndex}`));
    }),
  }));
}

/**
 * Answers with everything that is committed. Deleted topics are left out of versions with topic
 * ids, because they have none.
 */
function everything(
  offsets: readonly CommittedOffset[],
  { byId, logs, isUnstable }: ById & { readonly isUnstable: IsUnstable },
) {
  const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].filter(
    ([name]) => !byId || logs.topic(name) !== undefined,
  );
  return topics.map(([name, ofTopic]) => ({
    name,
    topicId: logs.topic(name)?.topicId,
    partitions: ofTopic.map((offset) =>
      isUnstable(name, offset.partition)
        ? unstablePartition(offset.partition)
        : answerPartition(offset.partition, offset),
    ),
  }));
}

/** Whether an undecided transaction has committed an offset for the partition. */
type IsUnstable = (topic: string, partition: number) => boolean;

const unstablePartition = (partitionIndex: number) => ({
  ...answerPartition(partitionIndex, undefined),
  errorCode: errorCodes.UNSTABLE_OFFSET_COMMIT,
});

const answerPartition = (partitionIndex: number, found: CommittedOffset | undefined) => ({
  partitionIndex,
  committedOffset: found?.offset ?? -1n,
  committedLeaderEpoch: found?.leaderEpoch ?? -1,
  metadata: found?.metadata ?? '',
  errorCode: errorCodes.NONE,
});
