import { api } from '../api.ts';
import { bool, int16, int32, int64, string, struct, type Infer } from '../schema.ts';

/**
 * EndTxn, key 26. v2 PRODUCER_FENCED, v3 flexible, v4 TRANSACTION_ABORTABLE, v5 a new producer
 * epoch after every transaction (KIP-890).
 */
const endTxnRequest = struct(
  'EndTxnRequest',
  { versions: '0-5', flexible: '3+' },
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
);
export type EndTxnRequest = Infer<typeof endTxnRequest>;

const endTxnResponse = struct(
  'EndTxnResponse',
  { versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    producerId: int64({ versions: '5+', absent: -1n }),
    producerEpoch: int16({ versions: '5+', absent: -1 }),
  },
);

export const endTxn = api('EndTxn', 26, endTxnRequest, endTxnResponse);
