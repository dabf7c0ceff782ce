import { offsetsTopicName } from '../../groups/offsets-topic.ts';
import { txnOffsetCommit, type TxnOffsetCommitRequest } from '../../protocol/apis/txn-offset-commit.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

const versions = { abortableSince: 4, addsSince: 5 };

/** TxnOffsetCommit (X10): durable when answered, visible once the transaction commits. From version 5 on the group joins the transaction by it. */
export const txnOffsetCommitHandler = (services: BrokerServices) =>
  serve(
    txnOffsetCommit,
    async (request, { apiVersion }) => {
      const { groups } = services;
      if (request.groupId === '') throw new ProtocolError('INVALID_GROUP_ID', 'a group id is needed');
      await admit(request, apiVersion, services);
      const offsets = request.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
          ...{ topic: name, partition: partitionIndex, offset: committedOffset },
          ...{ leaderEpoch: committedLeaderEpoch, metadata: committedMetadata },
        })),
      );
      const results = await groups.commitInTransaction(request, offsets, request);
      const codes = new Map(results.map(({ topic, partition, errorCode }) => [`${topic}-${partition}`, errorCode]));
      return answer(request, (topic, partition) => codes.get(`${topic}-${partition}`) ?? errorCodes.UNKNOWN_SERVER_ERROR);
    },
    { refuse: (errorCode, _message, request) => answer(request, () => errorCode) },
  );

/** The group's partition has to be part of the transaction. A coordinator that cannot say so yet is one that is still loading, to clients. */
async function admit(request: TxnOffsetCommitRequest, apiVersion: number, { groups, logs, transactionalAppends }: BrokerServices) {
  const { transactionalId, producerId, producerEpoch } = request;
  const partition = await groups.partitionOf(request.groupId);
  const log = logs.partition(offsetsTopicName, partition);
  if (log === undefined) throw new ProtocolError('COORDINATOR_NOT_AVAILABLE', `${offsetsTopicName}-${partition} is not there`);
  const write = { transactionalId, producerId, producerEpoch, apiVersion, versions, topic: offsetsTopicName, partition };
  try {
    await transactionalAppends.admit(write, log);
  } catch (error) {
    const passes = error instanceof ProtocolError && error.errorName === 'NOT_ENOUGH_REPLICAS';
    throw passes ? new ProtocolError('COORDINATOR_LOAD_IN_PROGRESS', error.message, { cause: error }) : error;
  }
}

function answer(request: TxnOffsetCommitRequest, codeOf: (topic: string, partition: number) => ErrorCode) {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: codeOf(name, partitionIndex) })),
    })),
  };
}
