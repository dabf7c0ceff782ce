/** The id of a task, which runs one sub-topology for one partition of its sources. */
export interface TaskId {
  readonly subTopology: number;
  readonly partition: number;
}

/** The name of a task in Kafka Streams, such as `0_1`. */
export const taskName = ({ subTopology, partition }: TaskId): string => `${subTopology}_${partition}`;

/** Parses the name of a task. Returns undefined for any other text. */
export function taskIdOf(name: string): TaskId | undefined {
  const match = /^(\d+)_(\d+)$/.exec(name);
  return match === null ? undefined : { subTopology: Number(match[1]), partition: Number(match[2]) };
}
