import { api } from '../api.ts';
import { array, arrayOf, int16, int32, string, struct } from '../schema.ts';

/** ListGroups, key 16. v3 flexible, v4 states (KIP-518), v5 types (KIP-848). */
const listGroupsRequest = struct(
  'ListGroupsRequest',
  { versions: '0-5', flexible: '3+' },
  {
    statesFilter: arrayOf(string(), { versions: '4+', absent: [] }),
    typesFilter: arrayOf(string(), { versions: '5+', absent: [] }),
  },
);

const listGroupsResponse = struct(
  'ListGroupsResponse',
  { versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ versions: '4+', absent: '' }),
      groupType: string({ versions: '5+', absent: '' }),
    }),
  },
);

export const listGroups = api('ListGroups', 16, listGroupsRequest, listGroupsResponse);
