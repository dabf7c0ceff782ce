import { checkTopicName } from '../../log/topics/topic-catalog.ts';
import {
  describeProducers,
  describeTransactions,
  listTransactions,
} from '../../protocol/apis/transactions.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import { byTopic } from '../../coordinators/transactions/transaction-records.ts';
import { statusCodes } from '../../coordinators/transactions/transaction.ts';
import type { BrokerServices } from '../broker-services.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';

/** DescribeTransactions: an unknown id has the error TRANSACTIONAL_ID_NOT_FOUND (105). */
export const describeTransactionsHandler = ({ transactions }: BrokerServices) =>
  serve(describeTransactions, ({ transactionalIds }) => ({
    transactionStates: transactionalIds.map((transactionalId) => {
      try {
        return describe(transactionalId, transactions);
      } catch (error) {
        return { ...unknown(transactionalId), errorCode: errorCodeOf(error) };
      }
    }),
  }));

const unknown = (transactionalId: string) => ({
  transactionalId,
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0n,
  producerId: 0n,
  producerEpoch: 0,
  topics: [],
});

function describe(transactionalId: string, transactions: BrokerServices['transactions']) {
  if (transactionalId === '') throw new ProtocolError('INVALID_REQUEST', 'a transactional id is needed');
  const known = transactions.find(transactionalId);
  if (known === undefined)
    throw new ProtocolError('TRANSACTIONAL_ID_NOT_FOUND', `there is no transactional id ${transactionalId}`);
  const { status, timeoutMs, startedAtMs, producerId, producerEpoch, partitions } = known;
  return {
    errorCode: errorCodes.NONE,
    transactionalId,
    transactionState: status,
    transactionTimeoutMs: timeoutMs,
    transactionStartTimeMs: BigInt(startedAtMs),
    producerId,
    producerEpoch,
    topics: byTopic(partitions),
  };
}

/**
 * ListTransactions: filters by state, producer, duration and pattern, as far as the request has
 * them.
 */
export const listTransactionsHandler = ({ transactions }: BrokerServices) =>
  serve(
    listTransactions,
    ({ stateFilters, producerIdFilters, durationFilter, transactionalIdPattern }) => {
      const pattern =
        transactionalIdPattern === null || transactionalIdPattern === ''
          ? undefined
          : idPattern(transactionalIdPattern);
      const found = transactions.list({
        statuses: stateFilters,
        producerIds: producerIdFilters,
        longerThanMs: durationFilter,
        pattern,
      });
      return {
        errorCode: errorCodes.NONE,
        unknownStateFilters: stateFilters.filter((name) => !Object.hasOwn(statusCodes, name)),
        transactionStates: found.map(({ transactionalId, producerId, status }) => ({
          transactionalId,
          producerId,
          transactionState: status,
        })),
      };
    },
    { refuse: (errorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] }) },
  );

/**
 * DescribeProducers: returns the active producers of a partition, and where their open transactions
 * begin.
 */
export const describeProducersHandler = ({ logs }: BrokerServices) =>
  serve(describeProducers, ({ topics }) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        try {
          checkTopicName(name);
          const log = logs.partition(name, partitionIndex);
          if (log === undefined)
            throw new ProtocolError(
              'UNKNOWN_TOPIC_OR_PARTITION',
              'This server does not host this topic-partition.',
            );
          return {
            partitionIndex,
            errorCode: errorCodes.NONE,
            activeProducers: log.producers().map(activeProducer),
          };
        } catch (error) {
          return {
            partitionIndex,
            errorCode: errorCodeOf(error),
            errorMessage: errorMessageOf(error),
            activeProducers: [],
          };
        }
      }),
    })),
  }));

type State = ReturnType<NonNullable<ReturnType<BrokerServices['logs']['partition']>>['producers']>[number];

const activeProducer = ({
  producerId,
  epoch,
  batches,
  lastTimestampMs,
  coordinatorEpoch,
  transactionFirstOffset,
}: State) => ({
  producerId,
  producerEpoch: epoch,
  lastSequence: batches.at(-1)?.lastSequence ?? -1,
  lastTimestamp: lastTimestampMs,
  coordinatorEpoch,
  currentTxnStartOffset: transactionFirstOffset ?? -1n,
});

const patternCharsMax = 256;
/**
 * Nested repetition, look-around and back references. A client could block the thread with them
 * indefinitely.
 */
const costly = /\)[*+?{]|\(\?|\\[1-9k]/;
const repetitionsMax = 3;

/**
 * Compiles a pattern that has to match the whole id, as in Kafka. Throws INVALID_REGULAR_EXPRESSION
 * when the pattern is invalid or could take too long.
 */
function idPattern(pattern: string): RegExp {
  const repetitions = pattern.match(/[*+{]/g)?.length ?? 0;
  if (pattern.length > patternCharsMax || repetitions > repetitionsMax || costly.test(pattern))
    throw new ProtocolError(
      'INVALID_REGULAR_EXPRESSION',
      `${pattern} is too costly: use at most ${repetitionsMax} repetitions, and none of a group`,
    );
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch (error) {
    throw new ProtocolError('INVALID_REGULAR_EXPRESSION', `${pattern} is not a regular expression`, {
      cause: error,
    });
  }
}
