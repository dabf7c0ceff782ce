import { api } from '../api.ts';
import { array, arrayOf, int16, int32, string, struct } from '../schema.ts';

/** DeleteGroups, key 42. v2 flexible. */
const deleteGroupsRequest = struct(
  'DeleteGroupsRequest',
  { versions: '0-2', flexible: '2+' },
  {
    groupsNames: arrayOf(string()),
  },
);

const deleteGroupsResponse = struct(
  'DeleteGroupsResponse',
  { versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({ groupId: string(), errorCode: int16() }),
  },
);

export const deleteGroups = api('DeleteGroups', 42, deleteGroupsRequest, deleteGroupsResponse);
