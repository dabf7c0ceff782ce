import { deleteGroups } from '../../protocol/apis/delete-groups.ts';
import { offsetDelete } from '../../protocol/apis/offset-delete.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { listedOnce } from '../listed-once.ts';
import { serve } from '../served-api.ts';

/**
 * DeleteGroups: removes groups without members, with their offsets. A group that is named twice has
 * one result.
 */
export const deleteGroupsHandler = ({ groups }: BrokerServices) =>
  serve(deleteGroups, async ({ groupsNames }) => ({
    results: await Promise.all(
      [...new Set(groupsNames)].map(async (groupId) => ({
        groupId,
        errorCode: await groups.deleteGroup(groupId),
      })),
    ),
  }));

/** OffsetDelete (KIP-496): removes offsets of topics that no member of the group subscribes to. */
export const offsetDeleteHandler = ({ groups }: BrokerServices) =>
  serve(
    offsetDelete,
    async ({ groupId, topics }) => {
      const asked = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
      );
      const { errorCode, partitions } = await groups.deleteOffsets(groupId, asked);
      const told = errorCode === errorCodes.NONE ? [...Map.groupBy(partitions, ({ topic }) => topic)] : [];
      return {
        errorCode,
        topics: listedOnce(
          told.map(([name, ofTopic]) => ({
            name,
            partitions: ofTopic.map((each) => ({
              partitionIndex: each.partition,
              errorCode: each.errorCode,
            })),
          })),
        ),
      };
    },
    { refuse: (errorCode) => ({ errorCode, topics: [] }) },
  );
