import {
  alterPartitionReassignments,
  listPartitionReassignments,
  electLeaders,
} from '../../protocol/apis/replica-placement.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { accept } from '../connection/accept.ts';
import { nameOf } from '../partition-names.ts';
import type { TopicPartition } from '../types.ts';
import type { AdminCalls, Answers, CallOptions } from './admin-calls.ts';
import { byPartition, byTopic } from './items-of-call.ts';
import { refusal } from './refusals.ts';

/** The ids of the brokers to move a partition to. The first one is its preferred leader. */
export interface Reassignment extends TopicPartition {
  readonly replicas: readonly number[];
}

/** A reassignment in progress. */
export interface ReassignmentInProgress extends Reassignment {
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

/** `unclean` also elects a replica that is not in sync, which loses records. */
export type ElectionType = keyof typeof electionTypes;
const electionTypes = { preferred: 0, unclean: 1 } as const;

/**
 * Moves replicas and elects leaders. A call about several partitions rejects with `ItemsFailed`, by
 * `topic/partition`, if some of them failed. The embedded broker has one node, so there is
 * nothing to move or elect.
 */
export interface ReplicaAdmin {
  /**
   * Elects leaders. Resolves to the partitions with a new leader, without those that needed no
   * election.
   */
  electLeaders(
    type: ElectionType,
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<readonly TopicPartition[]>;
  /** Begins to move replicas. The cluster copies the records in the background. */
  reassign(reassignments: readonly Reassignment[], options?: CallOptions): Promise<void>;
  cancelReassignments(partitions: readonly TopicPartition[], options?: CallOptions): Promise<void>;
  /** Lists the reassignments in progress. */
  reassignments(options?: CallOptions): Promise<readonly ReassignmentInProgress[]>;
}

export class ReplicaCalls implements ReplicaAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async electLeaders(
    type: ElectionType,
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<readonly TopicPartition[]> {
    const items = byPartition(partitions);
    const elected = await this.#calls.each(
      {
        items,
        attempt: (name) => `electing a leader of ${name}`,
        ask: (pending) => this.#elect(type, pending),
      },
      options,
    );
    return [...items]
      .filter(([name]) => elected.get(name))
      .map(([, { topic, partition }]) => ({ topic, partition }));
  }

  reassign(reassignments: readonly Reassignment[], options?: CallOptions): Promise<void> {
    return this.#move('moving', reassignments, options);
  }

  cancelReassignments(partitions: readonly TopicPartition[], options?: CallOptions): Promise<void> {
    return this.#move('cancelling the reassignment of', partitions, options);
  }

  reassignments(options?: CallOptions): Promise<readonly ReassignmentInProgress[]> {
    return this.#calls.persistently(
      'listing reassignments',
      async () => {
        const connection = await this.#calls.brokers.anyConnection();
        const { errorCode, errorMessage, topics } = await connection.request(
          listPartitionReassignments,
          connection.versions.newest(listPartitionReassignments),
          { timeoutMs: this.#calls.brokerTimeoutMs },
        );
        accept(errorCode, errorMessage);
        return topics.flatMap(({ name, partitions }) =>
          partitions.map((one) => ({
            topic: name,
            partition: one.partitionIndex,
            replicas: one.replicas,
            adding: one.addingReplicas,
            removing: one.removingReplicas,
          })),
        );
      },
      options,
    );
  }

  /** Returns true for each partition that has a new leader. */
  async #elect(type: ElectionType, places: ReadonlyMap<string, TopicPartition>): Promise<Answers<boolean>> {
    const connection = await this.#calls.brokers.anyConnection();
    const answer = await connection.request(electLeaders, connection.versions.newest(electLeaders), {
      electionType: electionTypes[type],
      topicPartitions: byTopic(places.values()).map(([topic, ofTopic]) => ({
        topic,
        partitions: ofTopic.map(({ partition }) => partition),
      })),
      timeoutMs: this.#calls.brokerTimeoutMs,
    });
    accept(answer.errorCode);
    return new Map(
      answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
        partitionResult.map(({ partitionId, errorCode, errorMessage }) => [
          nameOf({ topic, partition: partitionId }),
          errorCode === errorCodes.ELECTION_NOT_NEEDED ? false : (refusal(errorCode, errorMessage) ?? true),
        ]),
      ),
    );
  }

  async #move(
    doing: string,
    places: ReadonlyArray<TopicPartition & Partial<Reassignment>>,
    options?: CallOptions,
  ): Promise<void> {
    await this.#calls.each(
      {
        items: byPartition(places),
        attempt: (name) => `${doing} ${name}`,
        ask: (pending) => this.#alter(pending),
      },
      options,
    );
  }

  /** A partition without `replicas` stays where it is. */
  async #alter(
    places: ReadonlyMap<string, TopicPartition & Partial<Reassignment>>,
  ): Promise<Answers<undefined>> {
    const connection = await this.#calls.brokers.anyConnection();
    const version = connection.versions.newest(alterPartitionReassignments);
    const answer = await connection.request(alterPartitionReassignments, version, {
      timeoutMs: this.#calls.brokerTimeoutMs,
      topics: byTopic(places.values()).map(([name, ofTopic]) => ({
        name,
        partitions: ofTopic.map(({ partition, replicas = null }) => ({
          partitionIndex: partition,
          replicas,
        })),
      })),
    });
    accept(answer.errorCode, answer.errorMessage);
    return new Map(
      answer.responses.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode, errorMessage }) => [
          nameOf({ topic: name, partition: partitionIndex }),
          refusal(errorCode, errorMessage),
        ]),
      ),
    );
  }
}
