import { Injectable } from '@nestjs/common';
import { areCopies, lagOfGroup, lagOfGroups, refuseCopies, type GroupLag } from '@millrace/operations/client';
import { ProblemError } from '@millrace/service-chassis/app';
import type { OffsetReset } from '@millrace/streaming-core/client';
import type { GroupList, OffsetMove, Reader, ShownGroup } from '../api/groups.ts';
import { LogConnections } from '../system/log-connections.ts';

export interface ResetOrder {
  readonly reset: OffsetReset;
  /** Without topics, every partition is reset that has an offset. */
  readonly topics: readonly string[];
  /** The moves that a dry run has shown. Without them, nothing is changed. */
  readonly shown?: readonly OffsetMove[] | undefined;
}

export const readerView = ({ lag, ...group }: GroupLag): Reader => ({ ...group, lag: Number(lag) });

/** Reads groups from their coordinators, and moves their offsets. */
@Injectable()
export class GroupReader {
  constructor(private readonly connections: LogConnections) {}

  list(): Promise<GroupList> {
    return this.connections.use(async ({ admin, lags }) => {
      const [groups, all] = await Promise.all([lagOfGroups(admin, lags), admin.groups.list()]);
      const others = all.filter(({ type }) => type !== 'classic').map(({ groupId }) => groupId);
      return { groups: groups.map(readerView), others };
    });
  }

  one(group: string): Promise<ShownGroup> {
    return this.connections.use(async ({ admin, lags }) => {
      const [partitions, described, offsets] = await Promise.all([
        lagOfGroup(admin, lags, group),
        admin.groups.describe([group]),
        admin.groups.offsets(group),
      ]);
      const { state = '', protocol = '', members = [] } = described.get(group) ?? {};
      return {
        group,
        state,
        assignor: protocol,
        lag: partitions.reduce((sum, { lag }) => sum + Number(lag), 0),
        lagSeconds: Math.round(Math.max(0, ...partitions.map(({ lagMs = 0 }) => lagMs)) / 1_000),
        members: members.map(({ memberId, groupInstanceId, clientId, host, assignment }) => ({
          member: groupInstanceId ?? memberId,
          clientId,
          host,
          partitions: assignment.length,
        })),
        partitions: partitions.map(({ committedOffset, endOffset, lag, lagMs = null, ...partition }) => ({
          ...partition,
          committed: Number(committedOffset),
          end: Number(endOffset),
          lag: Number(lag),
          lagMs,
        })),
        areCopies: areCopies(offsets),
      };
    });
  }

  /**
   * Returns the moves of a reset, and makes them if they were shown before. Rejects if the group has
   * moved in the meantime, has members, or is that of a service.
   */
  reset(group: string, { reset, topics, shown }: ResetOrder): Promise<readonly OffsetMove[]> {
    return this.connections.use(async ({ admin }) => {
      await refuseCopies(admin, group).catch((error: Error) => {
        throw new ProblemError(409, 'offsets_of_service', error.message, {}, { cause: error });
      });
      const scope = topics.length > 0 ? { topics } : {};
      const planned = await admin.groups.resetOffsets(group, reset, { ...scope, dryRun: true });
      if (shown === undefined) return planned.map(moveView);
      if (!isSameStart(planned.map(moveView), shown)) throw moved(group);
      const exactly = shown.map(({ topic, partition, to }) => ({ topic, partition, offset: BigInt(to) }));
      await admin.groups.commitOffsets(group, exactly);
      return shown;
    });
  }
}

const moveView = ({
  topic,
  partition,
  from,
  to,
}: {
  readonly topic: string;
  readonly partition: number;
  readonly from: bigint | null;
  readonly to: bigint;
}): OffsetMove => ({ topic, partition, from: from === null ? null : Number(from), to: Number(to) });

function isSameStart(planned: readonly OffsetMove[], shown: readonly OffsetMove[]): boolean {
  const placeOf = ({ topic, partition, from }: OffsetMove) => `${topic}/${partition}@${from}`;
  const places = new Set(planned.map(placeOf));
  return shown.length === planned.length && shown.every((move) => places.has(placeOf(move)));
}

const moved = (group: string): ProblemError =>
  new ProblemError(
    409,
    'group_has_moved',
    `Group ${group} has moved since you looked: look at the moves again`,
  );
