import type { ApplicationTopics, PartitionCounts, SubTopologyTopics } from './application-topics.ts';
import { AssignmentError } from './assignment-error.ts';

/**
 * Returns the counts of the input topics and of the repartition topics. A repartition topic has the
 * number that the topology states, or that of the topics that it is joined with, or else the
 * largest of the sources of the sub-topologies that write to it, as in Kafka Streams. Throws
 * `AssignmentError` if an input topic is missing or if joined topics do not fit.
 */
export function partitionCountsOf(topics: ApplicationTopics, inputs: PartitionCounts): PartitionCounts {
  checkInputs(topics, inputs);
  const counts = new Map<string, number>();
  for (const { sources } of topics.subTopologies)
    for (const topic of sources) {
      const count = topics.repartitions.has(topic) ? topics.repartitions.get(topic) : inputs.get(topic);
      if (count !== undefined) counts.set(topic, count);
    }
  const open = [...topics.repartitions].flatMap(([topic, count]) => (count === undefined ? [topic] : []));
  let rising = true;
  while (rising) rising = open.filter((topic) => raise(topic, topics, counts)).length > 0;
  const unknown = open.find((topic) => !counts.has(topic));
  if (unknown !== undefined)
    throw new AssignmentError(
      'partitions_unknown',
      `nothing that writes to the repartition topic ${unknown} has a number of partitions: ` +
        'state the number in repartition',
    );
  for (const group of unitedGroups(topics.copartitioned))
    checkCopartitioning(group, topics.repartitions, counts);
  return counts;
}

/**
 * Checks that the topics of a join have the same number of partitions, so that equal keys are in
 * the same task. Repartition topics without a number get the number of the others.
 */
function checkCopartitioning(
  group: readonly string[],
  repartitions: ReadonlyMap<string, number | undefined>,
  counts: Map<string, number>,
): void {
  const open = group.filter((topic) => repartitions.has(topic) && repartitions.get(topic) === undefined);
  const inputs = group.filter((topic) => !repartitions.has(topic));
  const stated = group.filter((topic) => !open.includes(topic));
  const deciding = stated.length > 0 ? stated : open;
  const count = Math.max(0, ...deciding.map((topic) => counts.get(topic) ?? 0));
  const unequal = stated.filter((topic) => counts.get(topic) !== count);
  if (unequal.length > 0) {
    const largest = stated.filter((topic) => counts.get(topic) === count);
    throw notCopartitioned([...largest, ...unequal], counts, inputs.length > 0);
  }
  for (const topic of open) counts.set(topic, count);
}

/** Unites groups with a topic in common, because their topics then all need the same number. */
function unitedGroups(groups: readonly (readonly string[])[]): readonly (readonly string[])[] {
  let united: readonly (readonly string[])[] = [];
  for (const group of groups) {
    const touches = (other: readonly string[]) => other.some((topic) => group.includes(topic));
    const all = new Set([...united.filter(touches).flat(), ...group]);
    united = [...united.filter((other) => !touches(other)), [...all]];
  }
  return united;
}

function notCopartitioned(
  topics: readonly string[],
  counts: ReadonlyMap<string, number>,
  withInputs: boolean,
): AssignmentError {
  const shown = topics.map((topic) => `${topic} has ${counts.get(topic)} partitions`).join(', ');
  const remedy = withInputs
    ? 'Call repartition on one of the streams before the join, with the number of partitions of the other'
    : 'State the same number of partitions in each repartition';
  return new AssignmentError(
    'not_copartitioned',
    `joined topics need equal numbers of partitions: ${shown}. ${remedy}`,
  );
}

function checkInputs({ subTopologies, repartitions }: ApplicationTopics, inputs: PartitionCounts): void {
  const isMissing = (topic: string) => !repartitions.has(topic) && !inputs.has(topic);
  const missing = new Set(subTopologies.flatMap(({ sources }) => sources.filter(isMissing)));
  if (missing.size === 0) return;
  const names = [...missing].sort().join(', ');
  throw new AssignmentError(
    'missing_topics',
    `input topics do not exist: ${names}. Create them before the application starts`,
  );
}

/**
 * Raises the count of a repartition topic to the largest of the sources upstream. Returns whether
 * it changed.
 */
function raise(topic: string, { subTopologies }: ApplicationTopics, counts: Map<string, number>): boolean {
  const upstream = subTopologies.filter(({ sinks }) => sinks.includes(topic));
  const largest = Math.max(0, ...upstream.map((one) => taskCountOf(one, counts)));
  if (largest <= (counts.get(topic) ?? 0)) return false;
  counts.set(topic, largest);
  return true;
}

/** A sub-topology has as many tasks as the largest of its sources has partitions. */
export const taskCountOf = ({ sources }: SubTopologyTopics, counts: PartitionCounts): number =>
  Math.max(0, ...sources.map((topic) => counts.get(topic) ?? 0));
