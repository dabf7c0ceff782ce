import {
  describeClientQuotas,
  type DescribeClientQuotasRequest,
} from '../../protocol/apis/describe-client-quotas.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import { serve } from '../served-api.ts';

type Component = DescribeClientQuotasRequest['components'][number];

const entityTypes = ['user', 'client-id', 'ip'];
const matchTypes = { exact: 0, byDefault: 1, any: 2 } as const;

/**
 * DescribeClientQuotas (KIP-546): there are no quotas here. Invalid filters are rejected as in
 * Apache Kafka.
 */
export const describeClientQuotasHandler = () =>
  serve(
    describeClientQuotas,
    ({ components }) => {
      for (const component of components) checkComponent(component, components);
      return { errorCode: errorCodes.NONE, errorMessage: '', entries: [] };
    },
    { refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage, entries: null }) },
  );

function checkComponent({ entityType, matchType, match }: Component, all: readonly Component[]): void {
  if (entityType === '') throw new ProtocolError('INVALID_REQUEST', 'a component has an empty entity type');
  if (!entityTypes.includes(entityType))
    throw new ProtocolError(
      'UNSUPPORTED_VERSION',
      `entity type ${entityType} is unknown: give ${entityTypes.join(', ')}`,
    );
  if (all.filter((other) => other.entityType === entityType).length > 1)
    throw new ProtocolError('INVALID_REQUEST', `entity type ${entityType} occurs twice in the filter`);
  if (entityType === 'ip' && all.length > 1)
    throw new ProtocolError('INVALID_REQUEST', 'an ip cannot be combined with a user or a client id');
  if (!Object.values<number>(matchTypes).includes(matchType))
    throw new ProtocolError('INVALID_REQUEST', `match type ${matchType} is unknown`);
  if ((matchType === matchTypes.exact) !== (match !== null))
    throw new ProtocolError(
      'INVALID_REQUEST',
      'an exact match needs a name, and no other match may have one',
    );
}
