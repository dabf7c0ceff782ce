import {
  describeClientQuotas,
  type DescribeClientQuotasRequest,
} from '../../protocol/apis/describe-client-quotas.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import { serve } from '../served-api.ts';

type Component = DescribeClientQuotasRequest['components'][number];

const entityTypes = ['user', 'client-id', 'ip'];
const matchTypes = { exact: 0, byDefault: 1, any: 2 } as const;

/** DescribeClientQuotas (KIP-546): nobody has a quota here; what cannot be asked is refused as Apache Kafka refuses it. */
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
      `entity type ${entityType} is not known: give ${entityTypes.join(', ')}`,
    );
  if (all.filter((other) => other.entityType === entityType).length > 1)
    throw new ProtocolError('INVALID_REQUEST', `entity type ${entityType} stands twice in the filter`);
  if (entityType === 'ip' && all.length > 1)
    throw new ProtocolError('INVALID_REQUEST', 'an ip is not combined with a user or a client id');
  if (!Object.values<number>(matchTypes).includes(matchType))
    throw new ProtocolError('INVALID_REQUEST', `match type ${matchType} is not known`);
  if ((matchType === matchTypes.exact) !== (match !== null))
    throw new ProtocolError('INVALID_REQUEST', 'an exact match needs a name, and no other match has one');
}
