import type { TopicPartition } from '@millrace/streaming-core/client';
import { taskName, type TaskId } from '../processor/task-id.ts';
import type { ApplicationTopics, PartitionCounts } from './application-topics.ts';
import { taskCountOf } from './partition-counts.ts';

/** A task of an application, with its sources and the changelogs of its state. */
export interface TaskPlan {
  readonly id: TaskId;
  /** The name of the task, such as `0_1`. */
  readonly name: string;
  readonly sources: readonly TopicPartition[];
  readonly changelogs: readonly TopicPartition[];
}

/**
 * Returns the tasks by sub-topology and partition. If a topic has fewer partitions than the largest
 * of its sub-topology, the last tasks do not read it.
 */
export function tasksOf({ subTopologies }: ApplicationTopics, counts: PartitionCounts): readonly TaskPlan[] {
  return subTopologies.flatMap((subTopology) =>
    Array.from({ length: taskCountOf(subTopology, counts) }, (_, partition): TaskPlan => {
      const id = { subTopology: subTopology.id, partition };
      const read = subTopology.sources.filter((topic) => partition < (counts.get(topic) ?? 0));
      return {
        id,
        name: taskName(id),
        sources: read.map((topic) => ({ topic, partition })),
        changelogs: subTopology.changelogs.map(({ topic }) => ({ topic, partition })),
      };
    }),
  );
}
