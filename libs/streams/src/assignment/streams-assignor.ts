import type { Assignor } from '@millrace/streaming-core/client';
import type { ApplicationTopics } from './application-topics.ts';
import { AssignmentError } from './assignment-error.ts';
import { assignGroup, refusal, type LeaderPorts } from './group-assignment.ts';
import { tasksOf, type TaskPlan } from './tasks.ts';
import { encodeMember, type StreamsMember, decodeAssignment, type AssignmentData } from './user-data.ts';
import type { AssignmentRules } from './task-copies.ts';

export interface StreamsAssignorPorts extends LeaderPorts {
  /** This process, as it is now. Called at each join. */
  member(): StreamsMember;
  onAssigned(assignment: StreamsAssignment): void;
  /** The group cannot run this topology. The process has to stop. */
  onRefused(error: AssignmentError): void;
}

/**
 * Assigns the tasks of an application to the processes of its group. Members are eager, and the
 * partitions of a member are the sources of its tasks. If the topics do not fit, or if a member is
 * of another version, the members concerned get no partitions and are told why.
 */
export function streamsAssignor(
  topics: ApplicationTopics,
  rules: AssignmentRules,
  ports: StreamsAssignorPorts,
): Assignor {
  return Object.freeze<Assignor>({
    name: 'millrace-streams',
    protocols: ['eager'],
    userData: () => encodeMember(ports.member()),
    async assign(members, inputs) {
      try {
        return await assignGroup(members, {
          topics,
          rules,
          ports,
          leaderId: ports.member().processId,
          inputs,
        });
      } catch (error) {
        if (!(error instanceof AssignmentError)) throw error;
        return new Map(members.map(({ memberId }) => [memberId, refusal(error)]));
      }
    },
    onAssignment({ userData }) {
      const received = receivedAssignment(topics, decodeAssignment(userData));
      if (received instanceof AssignmentError) ports.onRefused(received);
      else ports.onAssigned(received);
    },
  });
}

/** The tasks of one member of the group. */
export interface StreamsAssignment {
  readonly active: readonly TaskPlan[];
  readonly standby: readonly TaskPlan[];
  /** True if this member has to join again after a while, because tasks wait to move. */
  readonly probe: boolean;
}

/** Reads what the leader has sent, or why this process cannot run. */
function receivedAssignment(
  topics: ApplicationTopics,
  data: AssignmentData | undefined,
): StreamsAssignment | AssignmentError {
  if (data === undefined)
    return new AssignmentError(
      'unreadable_member',
      'the leader of the group is of another version or program',
    );
  if (data.status === 'refused') return new AssignmentError(data.code, data.message);
  const { tasks, counts, probe } = data;
  const plans = new Map(tasksOf(topics, counts).map((plan) => [plan.name, plan]));
  const unknown = [...tasks.active, ...tasks.standby].find((name) => !plans.has(name));
  if (unknown !== undefined)
    return new AssignmentError(
      'topology_differs',
      `the leader of the group has a task ${unknown}, and this topology has not. Run the same topology in all processes`,
    );
  const plansOf = (names: readonly string[]) => names.flatMap((name) => plans.get(name) ?? []);
  return { active: plansOf(tasks.active), standby: plansOf(tasks.standby), probe };
}
