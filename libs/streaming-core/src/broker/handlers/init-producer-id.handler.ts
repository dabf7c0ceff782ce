import { initProducerId, type InitProducerIdRequest } from '../../protocol/apis/init-producer-id.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Producer } from '../../coordinators/transactions/decisions.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';
import { knownToOlder } from './add-to-transaction.handlers.ts';

const fencedSince = 4;
const none = -1;

/**
 * InitProducerId. Without a transactional id always a new producer id, epoch 0, also when the old pair is given (I1, I10). With one the
 * coordinator fences whoever had it before (X1-X5).
 */
export const initProducerIdHandler = ({ logs, transactions }: BrokerServices) =>
  serve(
    initProducerId,
    async (request, { apiVersion }) => {
      const { transactionalId, transactionTimeoutMs: timeoutMs } = request;
      const expected = expectedProducer(request);
      if (expected === 'half')
        return { errorCode: errorCodes.INVALID_REQUEST, producerId: -1n, producerEpoch: none };
      if (transactionalId === null)
        return { errorCode: errorCodes.NONE, producerId: await logs.allocateProducerId(), producerEpoch: 0 };
      const { errorCode, ...producer } = await transactions.initProducerId({
        transactionalId,
        timeoutMs,
        expected,
      });
      return { errorCode: knownToOlder(errorCode, apiVersion, fencedSince), ...producer };
    },
    { refuse: (errorCode) => ({ errorCode, producerEpoch: none }) },
  );

/** Both or neither. */
function expectedProducer({
  producerId,
  producerEpoch,
}: InitProducerIdRequest): Producer | undefined | 'half' {
  const noId = producerId === -1n;
  const noEpoch = producerEpoch === none;
  if (noId && noEpoch) return undefined;
  return noId || noEpoch ? 'half' : { producerId, producerEpoch };
}
