import { initProducerId, type InitProducerIdRequest } from '../../protocol/apis/init-producer-id.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { Producer } from '../../coordinators/transactions/decisions.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';
import { knownToOlder } from './transaction.handlers.ts';

const fencedSince = 4;
const none = -1;

/**
 * InitProducerId. Without a transactional id, it always returns a new producer id with epoch 0,
 * even if the request has an old pair. With one, the coordinator fences the previous producer.
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

/** A request has to have both the id and the epoch, or neither. */
function expectedProducer({
  producerId,
  producerEpoch,
}: InitProducerIdRequest): Producer | undefined | 'half' {
  const noId = producerId === -1n;
  const noEpoch = producerEpoch === none;
  if (noId && noEpoch) return undefined;
  return noId || noEpoch ? 'half' : { producerId, producerEpoch };
}
