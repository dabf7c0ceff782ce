import { initProducerId } from '../../protocol/apis/init-producer-id.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

/**
 * InitProducerId for idempotent producers: always a new id, epoch 0, also when the old pair is given (I1, I10).
 * There are no transactions here, and transactional ids are refused with TRANSACTIONAL_ID_AUTHORIZATION_FAILED: that is the code which
 * librdkafka, franz-go and the Java client all take as final; most others are retried for ever by one of them.
 */
export const initProducerIdHandler = ({ logs, logger }: BrokerServices) =>
  serve(
    initProducerId,
    async (request, { clientId }) => {
      if (request.transactionalId !== null) {
        logger.warn({ clientId, transactionalId: request.transactionalId }, 'refused: this broker serves no transactions');
        return { errorCode: errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, producerEpoch: -1 };
      }
      return { errorCode: errorCodes.NONE, producerId: await logs.allocateProducerId(), producerEpoch: 0 };
    },
    { refuse: (errorCode) => ({ errorCode, producerEpoch: -1 }) },
  );
