import type { Assignor } from '@millrace/streaming-core/client';
import type { ApplicationTopics } from './application-topics.ts';
import { decodeAssignment } from './assignment-data.ts';
import { AssignmentError } from './assignment-error.ts';
import { assignGroup, refusal, type LeaderPorts } from './group-assignment.ts';
import { encodeMember, type StreamsMember } from './member-data.ts';
import { receivedAssignment, type StreamsAssignment } from './received-assignment.ts';
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
