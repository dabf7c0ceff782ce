import type { CommittedOffset } from '../../coordinators/groups/group-requests.ts';
import {
  offsetCommit,
  type OffsetCommitRequest,
  txnOffsetCommit,
  type TxnOffsetCommitRequest,
} from '../../protocol/apis/group-offsets.ts';
import { errorCodes, type ErrorCode, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { missingFirst, topicNameOf } from '../items-of-request.ts';
import { serve, errorCodeOf } from '../served-api.ts';
import { offsetsTopicName } from '../../coordinators/groups/offsets-topic.ts';

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

const offsetsOf = ({ partitions }: Pick<Topic, 'partitions'>, name: string): CommittedOffset[] =>
  partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
    topic: name,
    partition: partitionIndex,
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: committedMetadata,
  }));

const answer = <Named extends Pick<Topic, 'name' | 'partitions'>>(
  { partitions, ...named }: Named,
  codeOf: (partition: number) => ErrorCode,
) => ({
  ...named,
  partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codeOf(partitionIndex) })),
});

/** The coordinator writes the batch, so there is no sequence number. */
const noSequence = -1;
const versions = { abortableSince: 4, addsSince: 5 };

/**
 * TxnOffsetCommit: answers once the offsets are durable. They become visible when the transaction
 * commits. From version 5 it adds the group to the transaction.
 *
 * Unknown partitions are rejected before the group and the transaction are checked. If none of the
 * partitions exists, neither is checked.
 */
export const txnOffsetCommitHandler = (services: BrokerServices) =>
  serve(
    txnOffsetCommit,
    async (request, { apiVersion }) => {
      const offsets = request.topics
        .flatMap((topic) => offsetsOf(topic, topic.name))
        .filter(({ topic, partition }) => services.logs.partition(topic, partition) !== undefined);
      const topics = topicsOf(request, services);
      if (offsets.length === 0)
        return transactionalAnswer(topics, () => errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
      const codes = await commit({ request, offsets, apiVersion }, services);
      return transactionalAnswer(
        topics,
        (topic, partition) => codes.get(`${topic}-${partition}`) ?? errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
      );
    },
    { refuse: (errorCode, _message, request) => transactionalAnswer(request.topics, () => errorCode) },
  );

type Topics = TxnOffsetCommitRequest['topics'];

const topicsOf = ({ topics }: TxnOffsetCommitRequest, { logs }: BrokerServices): Topics =>
  missingFirst(topics, {
    hasTopic: ({ name }) => logs.topic(name) !== undefined,
    hasPartition: ({ name }, { partitionIndex }: Topics[number]['partitions'][number]) =>
      logs.partition(name, partitionIndex) !== undefined,
  });

interface Commit {
  readonly request: TxnOffsetCommitRequest;
  readonly offsets: readonly CommittedOffset[];
  readonly apiVersion: number;
}

async function commit(
  { request, offsets, apiVersion }: Commit,
  services: BrokerServices,
): Promise<Map<string, ErrorCode>> {
  const refusal = await refusalOf(request, apiVersion, services);
  const results =
    refusal === errorCodes.NONE
      ? await services.groups.commitInTransaction(request, offsets, request)
      : offsets.map((offset) => ({ ...offset, errorCode: refusal }));
  return new Map(results.map(({ topic, partition, errorCode }) => [`${topic}-${partition}`, errorCode]));
}

async function refusalOf(
  request: TxnOffsetCommitRequest,
  apiVersion: number,
  services: BrokerServices,
): Promise<ErrorCode> {
  if (request.groupId === '') return errorCodes.INVALID_GROUP_ID;
  try {
    await admit(request, apiVersion, services);
    return errorCodes.NONE;
  } catch (error) {
    return errorCodeOf(error);
  }
}

const knowsLoadingSince = 2;

/**
 * Checks that the group's partition is part of the transaction. If the coordinator cannot tell yet,
 * clients are told that it is still loading.
 */
async function admit(
  request: TxnOffsetCommitRequest,
  apiVersion: number,
  { groups, logs, transactionalAppends }: BrokerServices,
) {
  const { transactionalId, producerId, producerEpoch } = request;
  const partition = await groups.partitionOf(request.groupId);
  const log = logs.partition(offsetsTopicName, partition);
  if (log === undefined)
    throw new ProtocolError('COORDINATOR_NOT_AVAILABLE', `${offsetsTopicName}-${partition} does not exist`);
  const place = { topic: offsetsTopicName, partition };
  const write = {
    transactionalId,
    producerId,
    producerEpoch,
    baseSequence: noSequence,
    apiVersion,
    versions,
    ...place,
  };
  try {
    await transactionalAppends.admit(write, log);
  } catch (error) {
    const passes = error instanceof ProtocolError && error.errorName === 'NOT_ENOUGH_REPLICAS';
    const name =
      apiVersion < knowsLoadingSince ? 'COORDINATOR_NOT_AVAILABLE' : 'COORDINATOR_LOAD_IN_PROGRESS';
    throw passes ? new ProtocolError(name, error.message, { cause: error }) : error;
  }
}

const transactionalAnswer = (topics: Topics, codeOf: (topic: string, partition: number) => ErrorCode) => ({
  topics: topics.map((topic) => answer(topic, (partition) => codeOf(topic.name, partition))),
});
