import { api } from '../api.ts';
import { array, arrayOf, int16, int32, string, struct, type Given, type Infer } from '../schema.ts';

/** DeleteGroups, key 42. v2 flexible. */
export const deleteGroupsRequest = struct(
  'DeleteGroupsRequest',
  { versions: '0-2', flexible: '2+' },
  {
    groupsNames: arrayOf(string()),
  },
);
export type DeleteGroupsRequest = Infer<typeof deleteGroupsRequest>;

export const deleteGroupsResponse = struct(
  'DeleteGroupsResponse',
  { versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({ groupId: string(), errorCode: int16() }),
  },
);
export type DeleteGroupsResponse = Given<typeof deleteGroupsResponse>;

export const deleteGroups = api('DeleteGroups', 42, deleteGroupsRequest, deleteGroupsResponse);
