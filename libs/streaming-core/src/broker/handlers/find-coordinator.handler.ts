import { findCoordinator } from '../../protocol/apis/find-coordinator.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

const keyTypes = { group: 0, transaction: 1 } as const;
const severalKeysSince = 4;
/** Apache Kafka's text for no error, before it answered for several keys. */
const noError = 'NONE';

/** FindCoordinator: this broker for every group and every transaction. */
export const findCoordinatorHandler = ({ nodeId, advertised }: BrokerServices) =>
  serve(findCoordinator, (request, { apiVersion }) => {
    const coordinator = locate(request.keyType, { nodeId, ...advertised });
    if (apiVersion < severalKeysSince)
      return { ...coordinator, errorMessage: coordinator.errorMessage || noError };
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...coordinator })) };
  });

function locate(
  keyType: number,
  here: { readonly nodeId: number; readonly host: string; readonly port: number },
) {
  const nowhere = { nodeId: -1, host: '', port: -1 };
  if (keyType === keyTypes.group || keyType === keyTypes.transaction)
    return { errorCode: errorCodes.NONE, errorMessage: '', ...here };
  return {
    errorCode: errorCodes.INVALID_REQUEST,
    errorMessage: `key type ${keyType} is not known`,
    ...nowhere,
  };
}
