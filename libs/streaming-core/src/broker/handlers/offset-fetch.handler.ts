import type { CommittedOffset } from '../../groups/types.ts';
import { offsetFetch, type OffsetFetchRequest } from '../../protocol/apis/offset-fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

type AskedTopics = OffsetFetchRequest['topics'];

const severalGroupsSince = 8;

/** OffsetFetch (G16). Without transactions every committed offset is stable. */
export const offsetFetchHandler = ({ groups }: BrokerServices) =>
  serve(
    offsetFetch,
    (request, { apiVersion }) => {
      const committed = (groupId: string, topics: AskedTopics) => answerTopics(topics, groups.fetchOffsets(groupId, asked(topics)));
      if (apiVersion < severalGroupsSince) return { topics: committed(request.groupId, request.topics) };
      return {
        groups: request.groups.map(({ groupId, topics }) => ({
          groupId,
          topics: committed(groupId, topics),
          errorCode: errorCodes.NONE,
        })),
      };
    },
    {
      versions: '1-9',
      refuse: (errorCode, _message, request) => ({
        errorCode,
        groups: request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })),
      }),
    },
  );

const asked = (topics: AskedTopics) =>
  topics?.flatMap(({ name, partitionIndexes }) => partitionIndexes.map((partition) => ({ topic: name, partition }))) ?? null;

/** What was asked for, -1 where nothing is committed; everything committed when all was asked for. */
function answerTopics(topics: AskedTopics, offsets: readonly CommittedOffset[]) {
  const byPartition = new Map(offsets.map((offset) => [`${offset.topic}-${offset.partition}`, offset]));
  const wanted = topics ?? everyTopic(offsets);
  return wanted.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => answerPartition(partitionIndex, byPartition.get(`${name}-${partitionIndex}`))),
  }));
}

const answerPartition = (partitionIndex: number, found: CommittedOffset | undefined) => ({
  partitionIndex,
  committedOffset: found?.offset ?? -1n,
  committedLeaderEpoch: found?.leaderEpoch ?? -1,
  metadata: found?.metadata ?? '',
  errorCode: errorCodes.NONE,
});

function everyTopic(offsets: readonly CommittedOffset[]) {
  const names = [...new Set(offsets.map(({ topic }) => topic))];
  return names.map((name) => ({
    name,
    partitionIndexes: offsets.filter(({ topic }) => topic === name).map(({ partition }) => partition),
  }));
}
