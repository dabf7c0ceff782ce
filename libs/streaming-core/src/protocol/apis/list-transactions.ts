import { api } from '../api.ts';
import { array, arrayOf, int16, int32, int64, string, struct } from '../schema.ts';

/**
 * ListTransactions, key 66 (KIP-664). v1 filter by duration (KIP-994), v2 filter by a pattern of
 * the transactional id (KIP-1152).
 */
const listTransactionsRequest = struct(
  'ListTransactionsRequest',
  { versions: '0-2', flexible: '0+' },
  {
    stateFilters: arrayOf(string()),
    producerIdFilters: arrayOf(int64()),
    durationFilter: int64({ versions: '1+', absent: -1n }),
    transactionalIdPattern: string({ versions: '2+', nullable: '2+', absent: null }),
  },
);

const listTransactionsResponse = struct(
  'ListTransactionsResponse',
  { versions: '0-2', flexible: '0+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    unknownStateFilters: arrayOf(string()),
    transactionStates: array({ transactionalId: string(), producerId: int64(), transactionState: string() }),
  },
);

export const listTransactions = api(
  'ListTransactions',
  66,
  listTransactionsRequest,
  listTransactionsResponse,
);
