import type { GroupMember, MemberAssignment, TopicPartition } from '@millrace/streaming-core/client';
import type { ApplicationTopics, PartitionCounts } from './application-topics.ts';
import { assignTasks, type ProcessTasks } from './assign-tasks.ts';
import { AssignmentError } from './assignment-error.ts';
import { decodeMember, type StreamsMember, encodeAssignment } from './user-data.ts';
import { partitionCountsOf } from './partition-counts.ts';
import type { AssignableTask, AssignmentRules } from './task-copies.ts';
import { tasksOf, type TaskPlan } from './tasks.ts';

/** The calls that the leader of a group makes while the group waits for its assignment. */
export interface LeaderPorts {
  /** Creates the internal topics that do not exist. */
  prepare(counts: PartitionCounts): Promise<void>;
  /** Returns the ends of changelogs. Not called for a single process. */
  endOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
}

interface GroupInput {
  readonly topics: ApplicationTopics;
  readonly rules: AssignmentRules;
  readonly ports: LeaderPorts;
  /** The process that assigns. */
  readonly leaderId: string;
  readonly inputs: PartitionCounts;
}

/** Assigns all tasks to the members of a group. Rejects with `AssignmentError` if the topics do not fit. */
export async function assignGroup(
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

/** A process that has restarted is in the group twice until its old session ends. */
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
export const refusal = ({ code, message }: AssignmentError): MemberAssignment => ({
  partitions: [],
  userData: encodeAssignment({ status: 'refused', code, message }),
});

const unreadable = (memberId: string): AssignmentError =>
  new AssignmentError(
    'unreadable_member',
    `member ${memberId} of the group is of another version or another program. Run the same version in all processes`,
  );
