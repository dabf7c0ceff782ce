import { CodedError } from '@millrace/streaming-core/runtime';

/** Why tasks cannot be assigned, by code. */
export const assignmentErrors = {
  missing_topics: 'Input topics of the application do not exist',
  not_copartitioned: 'Topics of a join have different numbers of partitions',
  partitions_unknown: 'Nothing determines the number of partitions of a repartition topic',
  topic_mismatch: 'An internal topic exists with another number of partitions',
  unreadable_member: 'A member of the group sends data that this version cannot read',
  topology_differs: 'The leader assigns a task that the topology of this process does not have',
} as const;

export type AssignmentErrorCode = keyof typeof assignmentErrors;

/**
 * Tasks cannot be assigned until the topics or the processes have changed. The message names the
 * remedy.
 */
export class AssignmentError extends CodedError<AssignmentErrorCode> {
  override readonly name = 'AssignmentError';
}
