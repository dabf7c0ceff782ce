import type { Admin, LagReader, PartitionLag } from '@millrace/streaming-core/client';
import { isPublishedMark } from '@millrace/streaming-core/outbox';
import { OperationFailed } from './errors.ts';

export interface GroupLag {
  readonly group: string;
  readonly state: string;
  readonly members: number;
  readonly lag: bigint;
  /** The age in seconds of the oldest message that no member has handled. 0 if there is none. */
  readonly lagSeconds: number;
  readonly partitions: number;
}

export interface OwnedLag extends PartitionLag {
  readonly owner: string | null;
}

/**
 * Returns the lag of every classic group that has committed an offset, by name. Leaves out the groups
 * in which relays note how far they have published, since nobody reads from there. With a topic, only
 * groups and offsets of that topic count.
 */
export async function lagOfGroups(
  admin: Admin,
  reader: LagReader,
  { topic }: { readonly topic?: string } = {},
): Promise<readonly GroupLag[]> {
  const listed = await admin.listGroups();
  const offsetsOf = new Map(
    await Promise.all(
      listed.map(async ({ groupId }) => [groupId, await admin.groups.offsets(groupId)] as const),
    ),
  );
  const isShown = (group: string): boolean => {
    const offsets = offsetsOf.get(group) ?? [];
    if (offsets.length > 0 && offsets.every(({ metadata }) => isPublishedMark(metadata))) return false;
    return topic === undefined || offsets.some((one) => one.topic === topic);
  };
  const groups = listed.filter(({ groupId }) => isShown(groupId));
  const described = await admin.groups.describe(groups.map(({ groupId }) => groupId));
  const rows = await Promise.all(
    groups.map(async ({ groupId, state }): Promise<GroupLag> => {
      const offsets = offsetsOf.get(groupId) ?? [];
      const lags = await reader.ofOffsets(
        offsets.filter((one) => topic === undefined || one.topic === topic),
      );
      return {
        group: groupId,
        state,
        members: described.get(groupId)?.members.length ?? 0,
        lag: lags.reduce((sum, each) => sum + each.lag, 0n),
        lagSeconds: Math.round(Math.max(0, ...lags.map(({ lagMs = 0 }) => lagMs)) / 1_000),
        partitions: lags.length,
      };
    }),
  );
  return rows.sort((left, right) => (left.group < right.group ? -1 : 1));
}

/** Returns the lag of each partition of a group, with the member that owns it. */
export async function lagOfGroup(
  admin: Admin,
  reader: LagReader,
  group: string,
): Promise<readonly OwnedLag[]> {
  if (!(await admin.listGroups()).some(({ groupId }) => groupId === group))
    throw new OperationFailed(`there is no group ${group}: choose one from the list of all groups`);
  const [lags, described] = await Promise.all([reader.ofGroup(group), admin.groups.describe([group])]);
  const owners = new Map(
    (described.get(group)?.members ?? []).flatMap(({ memberId, groupInstanceId, assignment }) =>
      assignment.map(
        ({ topic, partition }) => [`${topic}/${partition}`, groupInstanceId ?? memberId] as const,
      ),
    ),
  );
  return lags
    .map((each) => ({ ...each, owner: owners.get(`${each.topic}/${each.partition}`) ?? null }))
    .sort((left, right) =>
      left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1,
    );
}

/** The consumer group of a sink of Connect. */
const sinkGroup = (connector: string): string => `connect-${connector}`;

/**
 * Returns how many messages each sink is behind, by the name of its connector. Leaves out the sinks
 * that have committed no offset.
 */
export async function lagOfSinks(
  reader: Pick<LagReader, 'ofGroup'>,
  sinks: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const found = await Promise.all(
    sinks.map(async (sink) => [sink, await reader.ofGroup(sinkGroup(sink))] as const),
  );
  return new Map(
    found
      .filter(([, lags]) => lags.length > 0)
      .map(([sink, lags]) => [sink, lags.reduce((sum, { lag }) => sum + lag, 0n)]),
  );
}
