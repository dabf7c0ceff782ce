import { AssignmentError } from './assignment-error.ts';

/**
 * Checks that the topics of a join have the same number of partitions, and gives that number to the
 * repartition topics among them whose number is open. Equal keys then are in the same task.
 */
export function checkCopartitioning(
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
export function unitedGroups(groups: readonly (readonly string[])[]): readonly (readonly string[])[] {
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
