import type { ErrorCode, ErrorName } from '../../protocol/errors.ts';
import type { Producer } from './decisions.ts';
import type { ProtocolVersion, TopicPartition, Transaction } from './transaction.ts';

export interface InitProducerIdInput {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** The producer id and epoch of a producer that continues after an error (KIP-360). */
  readonly expected: Producer | undefined;
}

export interface InitProducerIdResult extends Producer {
  readonly errorCode: ErrorCode;
}

export interface TransactionInput extends Producer {
  readonly transactionalId: string;
  readonly version: ProtocolVersion;
}

export interface TransactionFilter {
  /** Kafka's names of the states to list; empty for all. */
  readonly statuses: readonly string[];
  readonly producerIds: readonly bigint[];
  /** Lists only transactions that have run longer than this; negative for all. */
  readonly longerThanMs: bigint;
  readonly pattern: RegExp | undefined;
}

/**
 * The transaction coordinator. Every state is in `__transaction_state`, in Kafka's own record
 * format, and durable before the answer. A restart continues where the log ends.
 */
export interface TransactionCoordinator {
  /**
   * Creates `__transaction_state` if it does not exist. Throws COORDINATOR_NOT_AVAILABLE
   * (`ProtocolError`) when it cannot be created.
   */
  prepare(): Promise<void>;
  initProducerId(input: InitProducerIdInput): Promise<InitProducerIdResult>;
  /**
   * Returns NONE when all partitions are part of the producer's ongoing transaction, which begins
   * with the first one.
   */
  addPartitions(input: TransactionInput, partitions: readonly TopicPartition[]): Promise<ErrorName>;
  /**
   * Returns NONE when the partition is part of the producer's ongoing transaction, and
   * TRANSACTION_ABORTABLE when it is not. Changes nothing.
   */
  verify(input: TransactionInput, partition: TopicPartition): ErrorName;
  /**
   * Resolves when the outcome is on disk; the markers follow at once. With version 2, it returns
   * the producer id and epoch to use next.
   */
  end(input: TransactionInput, committed: boolean): Promise<InitProducerIdResult>;
  find(transactionalId: string): Transaction | undefined;
  list(filter: TransactionFilter): readonly Transaction[];
  /** Stops every timer. Resolves when everything that has begun is finished. */
  close(): Promise<void>;
}
