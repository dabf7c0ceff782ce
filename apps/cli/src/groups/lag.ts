import {
  connectLagReader,
  type Admin,
  type LagReader,
  type PartitionLag,
} from '@millrace/streaming-core/client';
import { isPublishedMark } from '@millrace/streaming-core/outbox';
import { seconds } from '@millrace/streaming-core/runtime';
import { type Call, type CommandDefinition } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { bootstrapOption, clusterOf, withAdmin } from '../places/cluster.ts';
import { showRows, type Column } from '../terminal/show.ts';

export interface GroupLag {
  readonly group: string;
  readonly state: string;
  readonly members: number;
  readonly lag: bigint;
  /** The age in seconds of the oldest message that no member has handled. 0 if there is none. */
  readonly lagSeconds: number;
  readonly partitions: number;
}

interface OwnedLag extends PartitionLag {
  readonly owner: string | null;
}

const groupColumns: readonly Column<GroupLag>[] = [
  { title: 'GROUP', of: ({ group }) => group },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'MEMBERS', of: ({ members }) => members },
  { title: 'PARTITIONS', of: ({ partitions }) => partitions },
  { title: 'LAG', of: ({ lag }) => lag },
  { title: 'SECONDS', of: ({ lagSeconds }) => lagSeconds },
];

const partitionColumns: readonly Column<OwnedLag>[] = [
  { title: 'TOPIC', of: ({ topic }) => topic },
  { title: 'PARTITION', of: ({ partition }) => partition },
  { title: 'NEXT', of: ({ committedOffset }) => committedOffset },
  { title: 'END', of: ({ endOffset }) => endOffset },
  { title: 'LAG', of: ({ lag }) => lag },
  { title: 'SECONDS', of: ({ lagMs }) => (lagMs === undefined ? null : Math.round(lagMs / 1_000)) },
  { title: 'OWNER', of: ({ owner }) => owner },
];

export const lag: CommandDefinition = {
  name: 'lag',
  summary: 'shows how far groups are behind, or one group by partition with their owners',
  arguments: [{ name: '[group]', meaning: 'name of a group; without it, all groups' }],
  options: [bootstrapOption, { flags: '--behind', meaning: 'leave out what is not behind' }],
  examples: ['lag', 'lag order --behind'],
  run: (call) =>
    withAdmin(call, async (admin) => {
      const [group] = call.args;
      await withLag(call, async (reader) => {
        if (group === undefined) return showGroups(call, await lagOfGroups(admin, reader));
        showPartitions(call, group, await lagOfGroup(admin, reader, group));
      });
    }),
};

export async function withLag<Result>(
  call: Call,
  work: (reader: LagReader) => Promise<Result>,
): Promise<Result> {
  const reader = connectLagReader({ ...clusterOf(call), operationTimeoutMs: seconds(10) });
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/**
 * Returns the lag of every classic group that has committed an offset, by name. Leaves out the groups
 * in which relays note how far they have published, since nobody reads from there.
 */
export async function lagOfGroups(admin: Admin, reader: LagReader): Promise<readonly GroupLag[]> {
  const listed = await admin.listGroups();
  const offsetsOf = new Map(
    await Promise.all(
      listed.map(async ({ groupId }) => [groupId, await admin.groups.offsets(groupId)] as const),
    ),
  );
  const isRelays = (group: string): boolean => {
    const offsets = offsetsOf.get(group) ?? [];
    return offsets.length > 0 && offsets.every(({ metadata }) => isPublishedMark(metadata));
  };
  const groups = listed.filter(({ groupId }) => !isRelays(groupId));
  const described = await admin.groups.describe(groups.map(({ groupId }) => groupId));
  const rows = await Promise.all(
    groups.map(async ({ groupId, state }): Promise<GroupLag> => {
      const lags = await reader.ofOffsets(offsetsOf.get(groupId) ?? []);
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

async function lagOfGroup(admin: Admin, reader: LagReader, group: string): Promise<readonly OwnedLag[]> {
  if (!(await admin.listGroups()).some(({ groupId }) => groupId === group))
    throw new CommandFailed(`there is no group ${group}: lag without a name shows all of them`);
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

const wanted = ({ options }: Call, lagOfRow: bigint): boolean => !options.flag('behind') || lagOfRow > 0n;

const showGroups = (call: Call, rows: readonly GroupLag[]) =>
  showRows(
    call,
    rows.filter((row) => wanted(call, row.lag)),
    { columns: groupColumns, none: rows.length === 0 ? 'the cluster has no groups' : 'no group is behind' },
  );

const showPartitions = (call: Call, group: string, rows: readonly OwnedLag[]) =>
  showRows(
    call,
    rows.filter((row) => wanted(call, row.lag)),
    {
      columns: partitionColumns,
      none: rows.length === 0 ? `${group} has committed no offset` : `${group} is not behind`,
    },
  );
