import { Injectable } from '@nestjs/common';
import { areCopies, lagOfGroup, lagOfGroups, refuseCopies } from '@millrace/operations/client';
import { ProblemError } from '@millrace/service-chassis/app';
import type { OffsetReset } from '@millrace/streaming-core/client';
import type { GroupList, OffsetMove, ShownGroup } from '../api/groups.ts';
import { withNumbers } from '../api/with-numbers.ts';
import { LogConnections } from '../system/log-connections.ts';

interface ResetOrder {
  readonly reset: OffsetReset;
  /** The topics to reset. If empty, every partition with an offset is reset. */
  readonly topics: readonly string[];
  /** The moves that a dry run has shown. Without them, nothing changes. */
  readonly shown?: readonly OffsetMove[] | undefined;
}

/** Reads groups from their coordinators, and moves their offsets. */
@Injectable()
export class GroupReader {
  constructor(private readonly connections: LogConnections) {}

  list(): Promise<GroupList> {
    return this.connections.use(async ({ admin, lags }) => {
      const [groups, all] = await Promise.all([lagOfGroups(admin, lags), admin.groups.list()]);
      const others = all.filter(({ type }) => type !== 'classic').map(({ groupId }) => groupId);
      return { groups: groups.map(withNumbers), others };
    });
  }

  one(group: string): Promise<ShownGroup> {
    return this.connections.use(async ({ admin, lags }) => {
      const [owned, described, offsets] = await Promise.all([
        lagOfGroup(admin, lags, group),
        admin.groups.describe([group]),
        admin.groups.offsets(group),
      ]);
      const { state = '', protocol = '', members = [] } = described.get(group) ?? {};
      const partitions = owned.map(withNumbers);
      return {
        group,
        state,
        assignor: protocol,
        lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
        lagSeconds: Math.round(Math.max(0, ...partitions.map(({ lagMs = 0 }) => lagMs)) / 1_000),
        members: members.map(({ memberId, groupInstanceId, clientId, host, assignment }) => ({
          member: groupInstanceId ?? memberId,
          clientId,
          host,
          partitions: assignment.length,
        })),
        partitions,
        areCopies: areCopies(offsets),
      };
    });
  }

  /**
   * Returns the moves of a reset, and carries them out if they were shown before. Rejects if the
   * group has moved in the meantime, has members, or belongs to a service.
   */
  reset(group: string, { reset, topics, shown }: ResetOrder): Promise<readonly OffsetMove[]> {
    return this.connections.use(async ({ admin }) => {
      await refuseCopies(admin, group).catch((cause: Error) => {
        throw new ProblemError(409, 'offsets_of_service', cause.message, {}, { cause });
      });
      const scope = topics.length > 0 ? { topics } : {};
      const changes = await admin.groups.resetOffsets(group, reset, { ...scope, dryRun: true });
      const planned = changes.map(withNumbers);
      if (shown === undefined) return planned;
      if (!areFromSamePlaces(planned, shown)) throw hasMoved(group);
      const exactly = shown.map(({ topic, partition, to }) => ({ topic, partition, offset: BigInt(to) }));
      await admin.groups.commitOffsets(group, exactly);
      return shown;
    });
  }
}

function areFromSamePlaces(planned: readonly OffsetMove[], shown: readonly OffsetMove[]): boolean {
  const placeOf = ({ topic, partition, from }: OffsetMove) => `${topic}/${partition}@${from}`;
  const places = new Set(planned.map(placeOf));
  return shown.length === planned.length && shown.every((move) => places.has(placeOf(move)));
}

const hasMoved = (group: string): ProblemError => {
  const title = `Group ${group} has moved since you looked: look at the moves again`;
  return new ProblemError(409, 'group_has_moved', title);
};
