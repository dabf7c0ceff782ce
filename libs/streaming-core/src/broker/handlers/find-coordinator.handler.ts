import { findCoordinator } from '../../protocol/apis/find-coordinator.ts';
import { errorCodes, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { errorMessageOf, serve } from '../served-api.ts';

const keyTypes = { group: 0, transaction: 1 } as const;
const severalKeysSince = 4;
/** Apache Kafka's text for "no error" in versions with a single key. */
const noError = 'NONE';

/**
 * FindCoordinator: returns this broker for every group and every transaction. As in Apache Kafka it
 * creates the coordinator's topic. While that is impossible it returns COORDINATOR_NOT_AVAILABLE,
 * so that clients wait before they ask again.
 */
export const findCoordinatorHandler = (services: BrokerServices) =>
  serve(findCoordinator, async (request, { apiVersion }) => {
    const coordinator = await locate(request.keyType, services);
    if (apiVersion < severalKeysSince)
      return { ...coordinator, errorMessage: coordinator.errorMessage || noError };
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...coordinator })) };
  });

async function locate(
  keyType: number,
  { nodeId, advertised, groups, transactions }: BrokerServices,
): Promise<ReturnType<typeof nowhere>> {
  try {
    if (keyType === keyTypes.group) await groups.prepare();
    else if (keyType === keyTypes.transaction) await transactions.prepare();
    else return nowhere(errorCodes.INVALID_REQUEST, `key type ${keyType} is unknown`);
  } catch (error) {
    return nowhere(errorCodes.COORDINATOR_NOT_AVAILABLE, errorMessageOf(error));
  }
  return { errorCode: errorCodes.NONE, errorMessage: '', nodeId, ...advertised };
}

const nowhere = (errorCode: ErrorCode, errorMessage: string) => ({
  errorCode,
  errorMessage,
  nodeId: -1,
  host: '',
  port: -1,
});
