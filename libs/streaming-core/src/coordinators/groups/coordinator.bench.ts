import { setImmediate } from 'node:timers/promises';
import { silentLogger } from '../../runtime/index.ts';
import { createGroupCoordinator, type GroupCoordinator } from './group-coordinator.ts';
import { InMemoryLogs } from './in-memory-logs.fake.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import type { GroupSettings } from './group-settings.ts';
import type {
  CommittedOffset,
  JoinGroupInput,
  JoinGroupResult,
  MemberIdentity,
  SyncGroupResult,
} from './group-requests.ts';

export const groupId = 'order';

export interface Bench {
  readonly clock: ManualClock;
  readonly logs: InMemoryLogs;
  readonly memberIds: { given: number };
  readonly coordinator: GroupCoordinator;
}

/**
 * Opens a coordinator over logs in memory and a manual clock. Member ids are `client-1`, `client-2`
 * and so on.
 */
export async function openBench(
  settings: Partial<GroupSettings> = {},
  before?: Omit<Bench, 'coordinator'>,
): Promise<Bench> {
  const clock = before?.clock ?? new ManualClock();
  const logs = before?.logs ?? new InMemoryLogs();
  if (before === undefined) logs.addTopic('orders', 6);
  const memberIds = before?.memberIds ?? { given: 0 };
  const newMemberSuffix = () => String((memberIds.given += 1));
  const coordinator = await createGroupCoordinator({
    logs: logs.asManager(),
    clock,
    newMemberSuffix,
    logger: silentLogger,
    settings,
  });
  return { clock, logs, memberIds, coordinator };
}

/** Opens the coordinator of the next broker process, which has the same logs and nothing else. */
export const restarted = (bench: Bench, settings: Partial<GroupSettings> = {}) => openBench(settings, bench);

/** Lets every response that nothing delays arrive. */
export const settle = () => setImmediate();

export const joining = (given: Partial<JoinGroupInput> = {}): JoinGroupInput => ({
  groupId,
  memberId: '',
  groupInstanceId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 60_000,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.from('orders') }],
  requireKnownMemberId: false,
  supportsSkippingAssignment: true,
  ...given,
});

export const identity = (
  joined: Pick<JoinGroupResult, 'memberId' | 'generationId'>,
  groupInstanceId: string | null = null,
): MemberIdentity => ({
  groupId,
  memberId: joined.memberId,
  generationId: joined.generationId,
  groupInstanceId,
});

export const syncing = (
  joined: JoinGroupResult,
  assignments: Readonly<Record<string, string>> = {},
  groupInstanceId: string | null = null,
) => ({
  ...identity(joined, groupInstanceId),
  protocolType: 'consumer',
  protocolName: joined.protocolName,
  assignments: Object.entries(assignments).map(([memberId, assignment]) => ({
    memberId,
    assignment: Buffer.from(assignment),
  })),
});

/** A pending response. `result` is undefined until it arrives. */
interface Awaited<Result> {
  result: Result | undefined;
}

export function awaiting<Result>(promise: Promise<Result>): Awaited<Result> {
  const awaited: Awaited<Result> = { result: undefined };
  void promise.then((result) => (awaited.result = result));
  return awaited;
}

export interface SyncedMember {
  readonly joined: JoinGroupResult;
  readonly synced: SyncGroupResult;
}

/**
 * All members rejoin (or join, with an empty id), the leader assigns with `assign`, and everyone
 * syncs.
 */
export async function rebalanceAll(
  { coordinator }: Pick<Bench, 'coordinator'>,
  inputs: ReadonlyArray<Partial<JoinGroupInput>>,
  assign: (memberIds: readonly string[]) => Readonly<Record<string, string>> = () => ({}),
): Promise<SyncedMember[]> {
  const joins = await Promise.all(inputs.map((input) => coordinator.join(joining(input))));
  const instances = inputs.map(({ groupInstanceId }) => groupInstanceId ?? null);
  const leader = joins.find(({ memberId, leader }) => memberId === leader);
  const assignments = assign(leader?.members.map(({ memberId }) => memberId) ?? []);
  const syncs = await Promise.all(
    joins.map((joined, index) => coordinator.sync(syncing(joined, assignments, instances[index] ?? null))),
  );
  return joins.map((joined, index) => ({ joined, synced: syncs[index]! }));
}

/**
 * Joins members to a stable group one by one and returns them in its latest generation. The first
 * is the leader.
 */
export async function stableGroup(
  bench: Pick<Bench, 'coordinator'>,
  size: number,
  given: Partial<JoinGroupInput> = {},
): Promise<SyncedMember[]> {
  let members = await rebalanceAll(bench, [given]);
  while (members.length < size) {
    const known = members.map(({ joined }) => ({ ...given, memberId: joined.memberId }));
    const [newcomer, ...others] = await rebalanceAll(bench, [given, ...known], (ids) =>
      Object.fromEntries(ids.map((id, index) => [id, `share ${index}`])),
    );
    members = [...others, newcomer!];
  }
  return members;
}

export const offsetOf = (partition: number, offset: bigint, metadata = ''): CommittedOffset => ({
  topic: 'orders',
  partition,
  offset,
  leaderEpoch: 0,
  metadata,
});

export const beats = (bench: Bench, memberId: string, generationId: number) =>
  bench.coordinator.heartbeat({ groupId, memberId, generationId, groupInstanceId: null });

/** Two members of generation 3 that have joined but not synced. */
export async function completing(bench: Bench) {
  const [first, second] = await stableGroup(bench, 2);
  const protocols = [{ name: 'range', metadata: Buffer.from('new') }];
  const rejoin = (memberId: string) => bench.coordinator.join(joining({ memberId, protocols }));
  const [leader, follower] = await Promise.all([
    rejoin(first!.joined.memberId),
    rejoin(second!.joined.memberId),
  ]);
  return { leader, follower };
}

/** A commit by a client that is not a member. */
export const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };

export const codes = async (answer: ReturnType<Bench['coordinator']['commitOffsets']>) =>
  (await answer).map(({ errorCode }) => errorCode);

export const offsets = (committed: readonly CommittedOffset[]) =>
  committed.map(({ partition, offset }) => [partition, offset]);
