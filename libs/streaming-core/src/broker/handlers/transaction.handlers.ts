import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  writeTxnMarkers,
  type WriteTxnMarkersRequest,
  initProducerId,
  type InitProducerIdRequest,
} from '../../protocol/apis/transactions.ts';
import { errorCodes, type ErrorCode, ProtocolError } from '../../protocol/errors.ts';
import { offsetsTopicName } from '../../coordinators/groups/offsets-topic.ts';
import type { Producer } from '../../coordinators/coordinator-topic.ts';
import type { TransactionInput } from '../../coordinators/transactions/transaction.ts';
import type { BrokerServices } from '../broker-services.ts';
import { listedOnce } from '../items-of-request.ts';
import { serve, errorCodeOf } from '../served-api.ts';

const initFencedSince = 4;
const none = -1;

/**
 * InitProducerId. Without a transactional id, it always returns a new producer id with epoch 0,
 * even if the request has an old pair. With one, the coordinator fences the previous producer.
 */
export const initProducerIdHandler = ({ logs, transactions }: BrokerServices) =>
  serve(
    initProducerId,
    async (request, { apiVersion }) => {
      const { transactionalId, transactionTimeoutMs: timeoutMs } = request;
      const expected = expectedProducer(request);
      if (expected === 'half')
        return { errorCode: errorCodes.INVALID_REQUEST, producerId: -1n, producerEpoch: none };
      if (transactionalId === null)
        return { errorCode: errorCodes.NONE, producerId: await logs.allocateProducerId(), producerEpoch: 0 };
      const { errorCode, ...producer } = await transactions.initProducerId({
        transactionalId,
        timeoutMs,
        expected,
      });
      return { errorCode: knownToOlder(errorCode, apiVersion, initFencedSince), ...producer };
    },
    { refuse: (errorCode) => ({ errorCode, producerEpoch: none }) },
  );

/** A request has to have both the id and the epoch, or neither. */
function expectedProducer({
  producerId,
  producerEpoch,
}: InitProducerIdRequest): Producer | undefined | 'half' {
  const noId = producerId === -1n;
  const noEpoch = producerEpoch === none;
  if (noId && noEpoch) return undefined;
  return noId || noEpoch ? 'half' : { producerId, producerEpoch };
}

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
const knownToOlder = (code: ErrorCode, apiVersion: number, since = fencedSince): ErrorCode =>
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

type Marker = WriteTxnMarkersRequest['markers'][number];

const newEpochVersion = 2;

/**
 * WriteTxnMarkers: lets an administrator end a transaction on one partition that its coordinator
 * does not know (`kafka-transactions abort`).
 */
export const writeTxnMarkersHandler = (services: BrokerServices) =>
  serve(writeTxnMarkers, async ({ markers }) => ({
    markers: await Promise.all(
      markers.map(async (marker) => ({
        producerId: marker.producerId,
        topics: await Promise.all(
          marker.topics.map(async ({ name, partitionIndexes }) => ({
            name,
            partitions: await Promise.all(
              partitionIndexes.map(async (partitionIndex) => ({
                partitionIndex,
                errorCode: await write(marker, { topic: name, partition: partitionIndex }, services),
              })),
            ),
          })),
        ),
      })),
    ),
  }));

async function write(
  { producerId, producerEpoch, coordinatorEpoch, transactionResult: committed, transactionVersion }: Marker,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  { logs, groups, logger }: BrokerServices,
): Promise<ErrorCode> {
  const log = logs.partition(topic, partition);
  if (log === undefined) return errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  if (producerId < 0n || producerEpoch < 0) return errorCodes.UNKNOWN_SERVER_ERROR;
  const endsNothingNew =
    transactionVersion >= newEpochVersion && log.hasOpenTransaction(producerId, producerEpoch);
  if (endsNothingNew) return errorCodes.INVALID_PRODUCER_EPOCH;
  try {
    const marker = { producerId, producerEpoch, coordinatorEpoch, committed };
    await (topic === offsetsTopicName
      ? groups.endTransaction(partition, marker)
      : log.appendMarker(marker).durable);
    return errorCodes.NONE;
  } catch (error) {
    if (!(error instanceof ProtocolError))
      logger.error({ err: error, topic, partition }, 'a transaction marker could not be written');
    return errorCodeOf(error);
  }
}
