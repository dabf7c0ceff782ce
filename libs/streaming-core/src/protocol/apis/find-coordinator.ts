import { api } from '../api.ts';
import { array, arrayOf, int16, int32, int8, string, struct } from '../schema.ts';

/**
 * FindCoordinator, key 10. v1 key types, v3 flexible, v4 several keys at once (KIP-699), v5
 * TRANSACTION_ABORTABLE, v6 share groups.
 */
const findCoordinatorRequest = struct(
  'FindCoordinatorRequest',
  { versions: '0-6', flexible: '3+' },
  {
    key: string({ versions: '0-3', absent: '' }),
    keyType: int8({ versions: '1+', absent: 0 }),
    coordinatorKeys: arrayOf(string(), { versions: '4+', absent: [] }),
  },
);

const findCoordinatorResponse = struct(
  'FindCoordinatorResponse',
  { versions: '0-6', flexible: '3+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16({ versions: '0-3', absent: 0 }),
    errorMessage: string({ versions: '1-3', nullable: '1-3', absent: '' }),
    nodeId: int32({ versions: '0-3', absent: 0 }),
    host: string({ versions: '0-3', absent: '' }),
    port: int32({ versions: '0-3', absent: 0 }),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '4+', absent: null }),
      },
      { versions: '4+', absent: [] },
    ),
  },
);

export const findCoordinator = api('FindCoordinator', 10, findCoordinatorRequest, findCoordinatorResponse);
