import type { ClientError } from '../errors/client-error.ts';
import type { TopicPartition } from '../types.ts';
import type { AssignedIdentity } from './partition-sequence.ts';

/** The identity of a producer, and the partitions to which it may write now. */
export interface ProducerSession {
  /** The id of a transactional producer, or null for any other. */
  readonly transactionalId: string | null;
  /** The newest version of Produce to use. By default, it is the newest that the broker knows. */
  readonly produceMax: number | undefined;
  /** Undefined while the producer has no identity that it can use. */
  readonly identity: AssignedIdentity | undefined;
  /** Tries once to get an identity. Concurrent callers share the attempt. */
  identify(): Promise<void>;
  /** Returns true if batches for this partition may be sent. */
  admits(at: TopicPartition): boolean;
  /** Makes the session admit these partitions, with at most one request. */
  admit(partitions: readonly TopicPartition[]): Promise<void>;
  /** Called when a broker rejects the epoch of a batch. Returns the error of its records. */
  fenced(identity: AssignedIdentity | undefined, reason: ClientError): ClientError;
}
