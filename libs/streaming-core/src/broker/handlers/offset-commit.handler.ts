import { offsetCommit, type OffsetCommitRequest } from '../../protocol/apis/offset-commit.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

/** OffsetCommit (G14, G15): durable when answered; each partition for itself. */
export const offsetCommitHandler = ({ groups }: BrokerServices) =>
  serve(
    offsetCommit,
    async (request) => {
      const offsets = request.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
          topic: name,
          partition: partitionIndex,
          offset: committedOffset,
          leaderEpoch: committedLeaderEpoch,
          metadata: committedMetadata,
        })),
      );
      const results = await groups.commitOffsets({ ...request, generationId: request.generationIdOrMemberEpoch }, offsets);
      const codes = new Map(results.map(({ topic, partition, errorCode }) => [`${topic}-${partition}`, errorCode]));
      return answer(request, (topic, partition) => codes.get(`${topic}-${partition}`) ?? errorCodes.UNKNOWN_SERVER_ERROR);
    },
    { versions: '2-9', refuse: (errorCode, _message, request) => answer(request, () => errorCode) },
  );

function answer(request: OffsetCommitRequest, codeOf: (topic: string, partition: number) => ErrorCode) {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codeOf(name, partitionIndex) })),
    })),
  };
}
