import { api } from '../api.ts';
import { int16, int32, int64, string, struct, type Infer } from '../schema.ts';

/**
 * InitProducerId, key 22. v2 flexible, v3 the current id and epoch (KIP-360), v4 PRODUCER_FENCED,
 * v5 TRANSACTION_ABORTABLE.
 */
const initProducerIdRequest = struct(
  'InitProducerIdRequest',
  { versions: '0-5', flexible: '2+' },
  {
    transactionalId: string({ nullable: '0+' }),
    transactionTimeoutMs: int32(),
    producerId: int64({ versions: '3+', absent: -1n }),
    producerEpoch: int16({ versions: '3+', absent: -1 }),
  },
);
export type InitProducerIdRequest = Infer<typeof initProducerIdRequest>;

const initProducerIdResponse = struct(
  'InitProducerIdResponse',
  { versions: '0-5', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    producerId: int64({ absent: -1n }),
    producerEpoch: int16(),
  },
);

export const initProducerId = api('InitProducerId', 22, initProducerIdRequest, initProducerIdResponse);
