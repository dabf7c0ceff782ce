import type { ApplicationTopics } from './application-topics.ts';
import type { AssignmentData, TaskOwner } from './assignment-data.ts';
import { AssignmentError } from './assignment-error.ts';
import { tasksOf, type TaskPlan } from './tasks.ts';

/** The tasks of one member of the group. */
export interface StreamsAssignment {
  readonly active: readonly TaskPlan[];
  readonly standby: readonly TaskPlan[];
  readonly owners: readonly TaskOwner[];
  /** True if this member has to join again after a while, because tasks wait to move. */
  readonly probe: boolean;
}

/** Reads what the leader has sent, or why this process cannot run. */
export function receivedAssignment(
  topics: ApplicationTopics,
  data: AssignmentData | undefined,
): StreamsAssignment | AssignmentError {
  if (data === undefined)
    return new AssignmentError(
      'unreadable_member',
      'the leader of the group is of another version or program',
    );
  if (data.status === 'refused') return new AssignmentError(data.code, data.message);
  const { owners, counts, probe } = data;
  const plans = new Map(tasksOf(topics, counts).map((plan) => [plan.name, plan]));
  const own = owners.find(({ processId }) => processId === data.processId);
  const unknown = [...(own?.active ?? []), ...(own?.standby ?? [])].find((name) => !plans.has(name));
  if (unknown !== undefined)
    return new AssignmentError(
      'topology_differs',
      `the leader of the group has a task ${unknown}, and this topology has not. Run the same topology in all processes`,
    );
  const plansOf = (names: readonly string[] = []) => names.flatMap((name) => plans.get(name) ?? []);
  return { active: plansOf(own?.active), standby: plansOf(own?.standby), owners, probe };
}
