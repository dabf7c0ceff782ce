import { findCoordinator } from '../../protocol/apis/find-coordinator.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { nodeId, type BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

const keyTypes = { group: 0, transaction: 1 } as const;
const severalKeysSince = 4;

/** FindCoordinator: this broker for every group. Transactions: see `init-producer-id.handler.ts` for the code. */
export const findCoordinatorHandler = ({ advertised }: BrokerServices) =>
  serve(findCoordinator, (request, { apiVersion }) => {
    const coordinator = locate(request.keyType, advertised);
    if (apiVersion < severalKeysSince) return coordinator;
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...coordinator })) };
  });

function locate(keyType: number, advertised: BrokerServices['advertised']) {
  const nowhere = { nodeId: -1, host: '', port: -1 };
  if (keyType === keyTypes.group) return { errorCode: errorCodes.NONE, errorMessage: null, nodeId, ...advertised };
  if (keyType === keyTypes.transaction)
    return {
      errorCode: errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      errorMessage: 'This broker serves no transactions: use an idempotent producer without a transactional id, or Apache Kafka.',
      ...nowhere,
    };
  return { errorCode: errorCodes.INVALID_REQUEST, errorMessage: `key type ${keyType} is not known`, ...nowhere };
}
