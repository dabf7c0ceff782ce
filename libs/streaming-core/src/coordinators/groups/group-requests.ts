import type { heartbeat, joinGroup, leaveGroup, syncGroup } from '../../protocol/apis/groups.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { Infer } from '../../protocol/schema.ts';

type Answer<Api extends { readonly response: unknown }> = Omit<
  Infer<Api['response']>,
  'throttleTimeMs' | 'errorCode'
> & { readonly errorCode: ErrorCode };

export interface JoinGroupInput extends Omit<Infer<(typeof joinGroup)['request']>, 'reason'> {
  readonly clientId: string;
  readonly clientHost: string;
  /** From JoinGroup v4, a new dynamic member first receives an id (KIP-394). */
  readonly requireKnownMemberId: boolean;
  /** From JoinGroup v9, a restarted static leader receives SkipAssignment (KIP-814). */
  readonly supportsSkippingAssignment: boolean;
}
export type JoinGroupResult = Answer<typeof joinGroup>;
export type SyncGroupInput = Infer<(typeof syncGroup)['request']>;
export type SyncGroupResult = Answer<typeof syncGroup>;
export type MemberIdentity = Infer<(typeof heartbeat)['request']>;
export type LeavingMember = Omit<Infer<(typeof leaveGroup)['request']>['members'][number], 'reason'>;

export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface CommittedOffset extends GroupPartition {
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

export interface DeletedOffsets {
  /** An error of the whole group. If there is one, `partitions` is empty. */
  readonly errorCode: ErrorCode;
  readonly partitions: ReadonlyArray<GroupPartition & { readonly errorCode: ErrorCode }>;
}

export interface DescribedGroup {
  readonly errorCode: ErrorCode;
  readonly groupId: string;
  readonly state: 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';
  readonly protocolType: string;
  readonly protocolName: string;
  readonly members: ReadonlyArray<{
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly metadata: Buffer;
    readonly assignment: Buffer;
  }>;
}
