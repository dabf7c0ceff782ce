import type { ErrorCode, ErrorName } from '../../protocol/errors.ts';
import type { Producer } from './decisions.ts';
import type { ProtocolVersion, TopicPartition, Transaction } from './transaction.ts';

export interface InitProducerIdInput {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** What the producer holds, when it goes on after an error (KIP-360). */
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
  /** Kafka's names; empty for all. */
  readonly statuses: readonly string[];
  readonly producerIds: readonly bigint[];
  /** Only those begun longer ago; negative for all. */
  readonly longerThanMs: bigint;
  readonly pattern: RegExp | undefined;
}

/**
 * The transaction coordinator (5.4 of the protocol notes, X1-X20). Every state is in `__transaction_state`, in Kafka's own record format,
 * durable before the answer; a restart goes on where the log ends.
 */
export interface TransactionCoordinator {
  /** Creates `__transaction_state` when it is not there. Throws COORDINATOR_NOT_AVAILABLE (`ProtocolError`) when it cannot be created. */
  prepare(): Promise<void>;
  initProducerId(input: InitProducerIdInput): Promise<InitProducerIdResult>;
  /** NONE when all partitions are part of the producer's ongoing transaction; it begins with the first. */
  addPartitions(input: TransactionInput, partitions: readonly TopicPartition[]): Promise<ErrorName>;
  /** NONE when the partition is part of the producer's ongoing transaction, TRANSACTION_ABORTABLE when it is not. Changes nothing. */
  verify(input: TransactionInput, partition: TopicPartition): ErrorName;
  /** Resolves when the outcome is on disk; the markers follow at once. With version 2 the pair is what the producer uses next. */
  end(input: TransactionInput, committed: boolean): Promise<InitProducerIdResult>;
  find(transactionalId: string): Transaction | undefined;
  list(filter: TransactionFilter): readonly Transaction[];
  /** Stops every timer; resolves when everything begun is dealt with. */
  close(): Promise<void>;
}
