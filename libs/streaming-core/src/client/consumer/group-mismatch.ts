import { describeGroups, listGroups } from '../../protocol/apis/groups.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { DurationMs } from '../../runtime/index.ts';
import { accept, brokerError } from '../connection/accept.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import { ClientError } from '../errors/client-error.ts';

/** What a member has offered, which the coordinator has rejected with INCONSISTENT_GROUP_PROTOCOL. */
export interface RejectedOffer {
  readonly groupId: string;
  readonly protocolType: string;
  readonly assignors: readonly string[];
}

/** What a group speaks, as far as its coordinator tells. Empty texts stand for what is unknown. */
interface SpokenProtocol {
  /** `classic`, or on Apache Kafka also `consumer`, `share` or `streams`. */
  readonly type: string;
  readonly protocolType: string;
  /** The assignor of a stable classic group. During a rebalance the group has none. */
  readonly assignor: string;
}

const unknownProtocol: SpokenProtocol = { type: '', protocolType: '', assignor: '' };

/**
 * Returns the error of a member that its group does not accept: the group, what it speaks, what the
 * member speaks, and the remedy. Asks the coordinator what the group speaks. If it does not answer
 * within the limit, the error says less.
 */
export async function groupMismatch(
  connection: BrokerConnection,
  offer: RejectedOffer,
  timeoutMs: DurationMs,
): Promise<ClientError> {
  const spoken = await spokenBy(connection, offer.groupId, timeoutMs).catch(() => unknownProtocol);
  const cause = brokerError(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
  return new ClientError('group_mismatch', `${theirs(offer, spoken)}, and ${ours(offer, spoken)}`, { cause });
}

async function spokenBy(
  connection: BrokerConnection,
  groupId: string,
  timeoutMs: DurationMs,
): Promise<SpokenProtocol> {
  const { versions } = connection;
  const [described, listed] = await Promise.all([
    connection.request(describeGroups, versions.newest(describeGroups), { groups: [groupId] }, timeoutMs),
    connection.request(listGroups, versions.newest(listGroups), {}, timeoutMs),
  ]);
  accept(listed.errorCode);
  const group = listed.groups.find((one) => one.groupId === groupId);
  const { protocolType = '', protocolData = '' } = described.groups[0] ?? {};
  return {
    type: group?.groupType ?? '',
    protocolType: protocolType || (group?.protocolType ?? ''),
    assignor: protocolData,
  };
}

const isNotClassic = ({ type }: SpokenProtocol) => type !== '' && type.toLowerCase() !== 'classic';

function theirs({ groupId, protocolType }: RejectedOffer, spoken: SpokenProtocol): string {
  if (spoken === unknownProtocol) return `group ${groupId} uses another group protocol or other assignors`;
  if (isNotClassic(spoken)) return `group ${groupId} uses the group protocol "${spoken.type}"`;
  if (spoken.protocolType !== '' && spoken.protocolType !== protocolType)
    return `group ${groupId} uses the classic group protocol for members of the type "${spoken.protocolType}"`;
  const assignor = spoken.assignor === '' ? 'other assignors' : `the assignor "${spoken.assignor}"`;
  return `group ${groupId} uses the classic group protocol with ${assignor}`;
}

function ours({ protocolType, assignors }: RejectedOffer, spoken: SpokenProtocol): string {
  const names = assignors.map((name) => `"${name}"`).join(', ');
  const offered = `this consumer offers the classic group protocol`;
  if (isNotClassic(spoken))
    return `${offered} with ${names}: give this consumer a groupId of its own, or have the others use the classic protocol`;
  if (spoken.protocolType !== '' && spoken.protocolType !== protocolType)
    return `${offered} for the type "${protocolType}": give this consumer a groupId of its own`;
  const wanted = spoken.assignor === '' ? 'an assignor of the group' : `"${spoken.assignor}"`;
  return `this consumer offers ${names}: give this consumer a groupId of its own, or add ${wanted} to its assignors`;
}
