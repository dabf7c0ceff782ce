/** One task runs one sub-topology for one partition of its sources. */
export interface TaskId {
  readonly subTopology: number;
  readonly partition: number;
}

/** The text of Kafka Streams, such as `0_1`. */
export const taskName = ({ subTopology, partition }: TaskId): string => `${subTopology}_${partition}`;

/** Reads what `taskName` wrote. Returns undefined for any other text. */
export function taskIdOf(name: string): TaskId | undefined {
  const match = /^(\d+)_(\d+)$/.exec(name);
  return match === null ? undefined : { subTopology: Number(match[1]), partition: Number(match[2]) };
}
