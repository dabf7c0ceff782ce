import type { CommittedOffset } from '../../coordinators/groups/types.ts';
import { offsetCommit, type OffsetCommitRequest } from '../../protocol/apis/offset-commit.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { missingFirst } from '../listed-once.ts';
import { serve } from '../served-api.ts';
import { topicNameOf } from '../topic-names.ts';

type Topic = OffsetCommitRequest['topics'][number];

const topicIdsSince = 10;
const asTheBrokerSays = -1n;
/** Before this version, a commit of a member of an unknown group received ILLEGAL_GENERATION. */
const unknownGroupSince = 9;

/**
 * OffsetCommit: answers once the offsets are durable, with a code for each partition. Topics are
 * named by id from version 10.
 */
export const offsetCommitHandler = ({ groups, logs }: BrokerServices) =>
  serve(
    offsetCommit,
    async (request, { apiVersion }) => {
      const nameOf = (topic: Topic) => topicNameOf(topic, { byId: apiVersion >= topicIdsSince, logs });
      const topics = missingFirst(request.topics, {
        hasTopic: (topic) => logs.topic(nameOf(topic) ?? '') !== undefined,
        hasPartition: (topic, { partitionIndex }: Topic['partitions'][number]) =>
          logs.partition(nameOf(topic) ?? '', partitionIndex) !== undefined,
      });
      const named = topics.map((topic) => ({ topic, name: nameOf(topic) }));
      const offsets = named.flatMap(({ topic, name }) => (name === undefined ? [] : offsetsOf(topic, name)));
      const member = { ...request, generationId: request.generationIdOrMemberEpoch };
      const retentionMs = request.retentionTimeMs === asTheBrokerSays ? undefined : request.retentionTimeMs;
      const results = await groups.commitOffsets(member, offsets, retentionMs);
      const codes = new Map(
        results.map(({ topic, partition, errorCode }) => [
          `${topic}-${partition}`,
          told(errorCode, apiVersion),
        ]),
      );
      return {
        topics: named.map(({ topic, name }) =>
          answer(topic, (partition) =>
            name === undefined
              ? errorCodes.UNKNOWN_TOPIC_ID
              : (codes.get(`${name}-${partition}`) ?? errorCodes.UNKNOWN_SERVER_ERROR),
          ),
        ),
      };
    },
    {
      refuse: (errorCode, _message, request) => ({
        topics: request.topics.map((topic) => answer(topic, () => errorCode)),
      }),
    },
  );

const told = (errorCode: ErrorCode, apiVersion: number): ErrorCode =>
  errorCode === errorCodes.GROUP_ID_NOT_FOUND && apiVersion < unknownGroupSince
    ? errorCodes.ILLEGAL_GENERATION
    : errorCode;

const offsetsOf = ({ partitions }: Topic, name: string): CommittedOffset[] =>
  partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
    topic: name,
    partition: partitionIndex,
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: committedMetadata,
  }));

const answer = ({ name, topicId, partitions }: Topic, codeOf: (partition: number) => ErrorCode) => ({
  name,
  topicId,
  partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codeOf(partitionIndex) })),
});
