import { describeProducers } from '../../protocol/apis/transaction-admin.ts';
import { nameOf } from '../partition-names.ts';
import type { TopicPartition } from '../types.ts';
import type { AdminCalls, Answers, CallOptions } from './admin-calls.ts';
import { askLeaders } from './by-broker.ts';
import { byPartition, byTopic } from './items-of-call.ts';
import { refusal } from './refusals.ts';

/** The state that the leader of a partition keeps for an idempotent or transactional producer. */
export interface ActiveProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** The sequence number of the last record, or -1 if there is none. */
  readonly lastSequence: number;
  /** Unix time in milliseconds of the last write, or -1. */
  readonly lastTimestampMs: number;
  /** The epoch of the coordinator that wrote the last marker, or -1. */
  readonly coordinatorEpoch: number;
  /** The first offset of the producer's open transaction, or undefined if there is none. */
  readonly transactionStartOffset?: bigint;
}

export interface PartitionProducers extends TopicPartition {
  readonly producers: readonly ActiveProducer[];
}

/** Shows the producers of partitions (KIP-664). */
export interface ProducerAdmin {
  /**
   * Asks the leaders for the active producers of partitions. Rejects with `ItemsFailed`, by
   * `topic/partition`, if that failed for some partitions.
   */
  describe(
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<readonly PartitionProducers[]>;
}

export class ProducerCalls implements ProducerAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async describe(
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<readonly PartitionProducers[]> {
    const described = await this.#calls.each(
      {
        items: byPartition(partitions),
        attempt: (name) => `describing the producers of ${name}`,
        ask: (pending) =>
          askLeaders(
            this.#calls.brokers,
            pending,
            async (connection, asked): Promise<Answers<PartitionProducers>> => {
              const version = connection.versions.newest(describeProducers);
              const { topics } = await connection.request(describeProducers, version, {
                topics: byTopic(asked.values()).map(([name, ofTopic]) => ({
                  name,
                  partitionIndexes: ofTopic.map(({ partition }) => partition),
                })),
              });
              return new Map(
                topics.flatMap(({ name: topic, partitions: answers }) =>
                  answers.map(({ partitionIndex: partition, errorCode, errorMessage, activeProducers }) => [
                    nameOf({ topic, partition }),
                    refusal(errorCode, errorMessage) ?? {
                      topic,
                      partition,
                      producers: activeProducers.map(activeProducer),
                    },
                  ]),
                ),
              );
            },
          ),
      },
      options,
    );
    return [...described.values()];
  }
}

interface DescribedProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: bigint;
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: bigint;
}

const activeProducer = ({
  lastTimestamp,
  currentTxnStartOffset,
  ...state
}: DescribedProducer): ActiveProducer => ({
  producerId: state.producerId,
  producerEpoch: state.producerEpoch,
  lastSequence: state.lastSequence,
  lastTimestampMs: Number(lastTimestamp),
  coordinatorEpoch: state.coordinatorEpoch,
  ...(currentTxnStartOffset >= 0n && { transactionStartOffset: currentTxnStartOffset }),
});
