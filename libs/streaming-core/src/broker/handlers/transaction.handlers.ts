import { addOffsetsToTxn } from '../../protocol/apis/add-offsets-to-txn.ts';
import { addPartitionsToTxn } from '../../protocol/apis/add-partitions-to-txn.ts';
import { endTxn } from '../../protocol/apis/end-txn.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import { offsetsTopicName } from '../../coordinators/groups/offsets-topic.ts';
import type { TransactionInput } from '../../coordinators/transactions/types.ts';
import type { BrokerServices } from '../broker-services.ts';
import { listedOnce } from '../listed-once.ts';
import { serve } from '../served-api.ts';

type Topics = ReadonlyArray<{ readonly name: string; readonly partitions: readonly number[] }>;
type TopicResults = ReadonlyArray<{
  readonly name: string;
  readonly resultsByPartition: ReadonlyArray<{
    readonly partitionIndex: number;
    readonly partitionErrorCode: ErrorCode;
  }>;
}>;

const severalSince = 4;
const fencedSince = 2;

/** Clients below the given version do not know PRODUCER_FENCED and receive an older code. */
export const knownToOlder = (code: ErrorCode, apiVersion: number, since = fencedSince): ErrorCode =>
  code === errorCodes.PRODUCER_FENCED && apiVersion < since ? errorCodes.INVALID_PRODUCER_EPOCH : code;

/**
 * AddPartitionsToTxn: adds all partitions or none, and answers once they are durable. A client
 * cannot add partitions of the broker's own topics. A request from version 4 on may name several
 * transactions. Kafka's brokers send such requests; here any client may.
 */
export const addPartitionsToTxnHandler = (services: BrokerServices) =>
  serve(
    addPartitionsToTxn,
    async (request, { apiVersion }) => {
      const add = (input: TransactionInput, topics: Topics, verifyOnly: boolean) =>
        addOrVerify({ input, topics, verifyOnly }, { services, apiVersion });
      if (apiVersion < severalSince) {
        const { v3AndBelowTransactionalId: transactionalId, v3AndBelowProducerId: producerId } = request;
        const input: TransactionInput = {
          transactionalId,
          producerId,
          producerEpoch: request.v3AndBelowProducerEpoch,
          version: 0,
        };
        return { resultsByTopicV3AndBelow: await add(input, request.v3AndBelowTopics, false) };
      }
      const resultsByTransaction = await Promise.all(
        request.transactions.map(async ({ topics, verifyOnly, ...producer }) => ({
          transactionalId: producer.transactionalId,
          topicResults: await add({ ...producer, version: 2 }, topics, verifyOnly),
        })),
      );
      return { resultsByTransaction };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );

interface Addition {
  readonly input: TransactionInput;
  readonly topics: Topics;
  readonly verifyOnly: boolean;
}

interface Context {
  readonly services: BrokerServices;
  readonly apiVersion: number;
}

async function addOrVerify(
  { input, topics: named, verifyOnly }: Addition,
  { services, apiVersion }: Context,
): Promise<TopicResults> {
  const { logs, transactions } = services;
  const topics = listedOnce(named).map(({ name, partitions }) => ({
    name,
    partitions: [...new Set(partitions)],
  }));
  const places = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition })),
  );
  const refuse = (topic: string, partition: number) => {
    if (apiVersion < severalSince && logs.topic(topic)?.internal === true)
      return errorCodes.TOPIC_AUTHORIZATION_FAILED;
    return logs.partition(topic, partition) === undefined
      ? errorCodes.UNKNOWN_TOPIC_OR_PARTITION
      : errorCodes.NONE;
  };
  if (places.some(({ topic, partition }) => refuse(topic, partition) !== errorCodes.NONE))
    return results(
      topics,
      (topic, partition) => refuse(topic, partition) || errorCodes.OPERATION_NOT_ATTEMPTED,
    );
  if (verifyOnly)
    return results(
      topics,
      (topic, partition) => errorCodes[transactions.verify(input, { topic, partition })],
    );
  const code = knownToOlder(errorCodes[await transactions.addPartitions(input, places)], apiVersion);
  return results(named, () => code);
}

const results = (topics: Topics, codeOf: (topic: string, partition: number) => ErrorCode): TopicResults =>
  topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: codeOf(name, partitionIndex),
    })),
  }));

/**
 * AddOffsetsToTxn: adds the partition of `__consumer_offsets` that has the group to the
 * transaction.
 */
export const addOffsetsToTxnHandler = ({ groups, transactions }: BrokerServices) =>
  serve(
    addOffsetsToTxn,
    async ({ groupId, ...producer }, { apiVersion }) => {
      const partition = await groups.partitionOf(groupId);
      const name = await transactions.addPartitions({ ...producer, version: 0 }, [
        { topic: offsetsTopicName, partition },
      ]);
      return { errorCode: knownToOlder(errorCodes[name], apiVersion) };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );

const newEpochSince = 5;

/**
 * EndTxn: answered once the outcome is on disk. The markers follow at once, and the producer's next
 * request waits for them.
 */
export const endTxnHandler = ({ transactions }: BrokerServices) =>
  serve(
    endTxn,
    async ({ committed, ...producer }, { apiVersion }) => {
      const { errorCode, ...next } = await transactions.end(
        { ...producer, version: apiVersion >= newEpochSince ? 2 : 0 },
        committed,
      );
      return { errorCode: knownToOlder(errorCode, apiVersion), ...(apiVersion >= newEpochSince && next) };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );
