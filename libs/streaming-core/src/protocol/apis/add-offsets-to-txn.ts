import { api } from '../api.ts';
import { int16, int32, int64, string, struct } from '../schema.ts';

/** AddOffsetsToTxn, key 25. v2 PRODUCER_FENCED, v3 flexible, v4 TRANSACTION_ABORTABLE (KIP-890). */
const addOffsetsToTxnRequest = struct(
  'AddOffsetsToTxnRequest',
  { versions: '0-4', flexible: '3+' },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
);

const addOffsetsToTxnResponse = struct(
  'AddOffsetsToTxnResponse',
  { versions: '0-4', flexible: '3+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
  },
);

export const addOffsetsToTxn = api('AddOffsetsToTxn', 25, addOffsetsToTxnRequest, addOffsetsToTxnResponse);
