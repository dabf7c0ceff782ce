import type {
  Assignor,
  GroupMember,
  MemberAssignment,
  TopicPartition,
} from '@millrace/streaming-core/client';
import type { ApplicationTopics, PartitionCounts } from './application-topics.ts';
import { AssignmentError } from './assignment-error.ts';
import { tasksOf, type TaskPlan } from './tasks.ts';
import {
  encodeMember,
  type StreamsMember,
  decodeAssignment,
  type AssignmentData,
  decodeMember,
  encodeAssignment,
} from './user-data.ts';
import type { AssignmentRules, AssignableTask } from './task-copies.ts';
import { assignTasks, type ProcessTasks } from './assign-tasks.ts';
import { partitionCountsOf } from './partition-counts.ts';

interface StreamsAssignorPorts extends LeaderPorts {
  /** Returns the present state of this process. Called at each join. */
  member(): StreamsMember;
  onAssigned(assignment: StreamsAssignment): void;
  /** Called if the group cannot run this topology. The process has to stop. */
  onRefused(error: AssignmentError): void;
}

/**
 * Assigns the tasks of an application to the processes of its group. Members are eager, and the
 * partitions of a member are the sources of its tasks. If topics do not fit, or a member is of
 * another version, the affected members get no partitions and are told the reason.
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
  /** Whether this member has to join again after a while, because tasks wait to move. */
  readonly probe: boolean;
}

/** Reads the leader's assignment. Returns an error if this process cannot run it. */
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
      `the leader of the group assigns the task ${unknown}, which this topology does not have. Run the same topology in all processes`,
    );
  const plansOf = (names: readonly string[]) => names.flatMap((name) => plans.get(name) ?? []);
  return { active: plansOf(tasks.active), standby: plansOf(tasks.standby), probe };
}

/** The calls that the leader of a group makes while the group waits for its assignment. */
interface LeaderPorts {
  /** Creates the internal topics that do not exist. */
  prepare(counts: PartitionCounts): Promise<void>;
  /** Returns the end offsets of changelogs. The leader of a group with one process does not ask. */
  endOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
}

interface GroupInput {
  readonly topics: ApplicationTopics;
  readonly rules: AssignmentRules;
  readonly ports: LeaderPorts;
  /** The process of the leader. */
  readonly leaderId: string;
  readonly inputs: PartitionCounts;
}

/** Assigns all tasks to the members of a group. Rejects with `AssignmentError` if the topics do not fit. */
async function assignGroup(
  members: readonly GroupMember[],
  { topics, rules, ports, leaderId, inputs }: GroupInput,
): Promise<ReadonlyMap<string, MemberAssignment>> {
  const counts = partitionCountsOf(topics, inputs);
  await ports.prepare(counts);
  const plans = tasksOf(topics, counts);
  const processes = newestMembers(members);
  const tasks = await assignable(plans, processes.size > 1 ? ports : undefined);
  const joined = [...processes.values()].map(({ member }) => member);
  const assigned = assignTasks(tasks, joined, rules);
  return new Map(
    members.map(({ memberId, userData }) => {
      const processId = decodeMember(userData)?.processId;
      if (processId === undefined) return [memberId, refusal(unreadable(memberId))];
      const isNewest = processes.get(processId)?.memberId === memberId;
      const own = (isNewest && assigned.processes.get(processId)) || noTasks;
      const probe = assigned.pending && isNewest && processId === leaderId;
      return [
        memberId,
        {
          partitions: plans.filter(({ name }) => own.active.includes(name)).flatMap(({ sources }) => sources),
          userData: encodeAssignment({ status: 'assigned', tasks: own, counts, probe }),
        },
      ];
    }),
  );
}

const noTasks: ProcessTasks = { active: [], standby: [] };

interface JoinedMember {
  readonly memberId: string;
  readonly member: StreamsMember;
}

/**
 * Keeps the newest member of each process. A process that has restarted is in the group twice until
 * its old session ends.
 */
function newestMembers(members: readonly GroupMember[]): ReadonlyMap<string, JoinedMember> {
  const newest = new Map<string, JoinedMember>();
  for (const { memberId, userData } of members) {
    const member = decodeMember(userData);
    if (member === undefined) continue;
    const known = newest.get(member.processId);
    if (known === undefined || known.member.startedAtMs < member.startedAtMs)
      newest.set(member.processId, { memberId, member });
  }
  return newest;
}

async function assignable(
  plans: readonly TaskPlan[],
  ports: LeaderPorts | undefined,
): Promise<readonly AssignableTask[]> {
  const ends = (await ports?.endOffsets(plans.flatMap(({ changelogs }) => changelogs))) ?? [];
  const sizes = new Map(
    ends.map(({ topic, partition, offset }) => [`${topic}/${partition}`, Number(offset)]),
  );
  return plans.map(({ id, name, changelogs }) => ({
    name,
    subTopology: id.subTopology,
    stateful: changelogs.length > 0,
    changelogRecords: changelogs.reduce(
      (sum, { topic, partition }) => sum + (sizes.get(`${topic}/${partition}`) ?? Infinity),
      0,
    ),
  }));
}

/** Tells a member that it cannot run. */
const refusal = ({ code, message }: AssignmentError): MemberAssignment => ({
  partitions: [],
  userData: encodeAssignment({ status: 'refused', code, message }),
});

const unreadable = (memberId: string): AssignmentError =>
  new AssignmentError(
    'unreadable_member',
    `member ${memberId} of the group is of another version or another program. Run the same version in all processes`,
  );
