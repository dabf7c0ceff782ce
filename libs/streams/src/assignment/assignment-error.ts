import { CodedError } from '@millrace/streaming-core/runtime';

/**
 * - `missing_topics`: input topics of the application do not exist
 * - `not_copartitioned`: topics of a join have different numbers of partitions
 * - `partitions_unknown`: nothing determines the number of partitions of a repartition topic
 * - `topic_mismatch`: an internal topic exists with another number of partitions
 * - `unreadable_member`: a member of the group sends data that this version cannot read
 * - `topology_differs`: the leader assigns a task that the topology of this process has not
 */
export type AssignmentErrorCode =
  | 'missing_topics'
  | 'not_copartitioned'
  | 'partitions_unknown'
  | 'topic_mismatch'
  | 'unreadable_member'
  | 'topology_differs';

/** Tasks cannot be assigned until the topics or the processes have changed. The message has the remedy. */
export class AssignmentError extends CodedError<AssignmentErrorCode> {
  override readonly name = 'AssignmentError';
}
