import { heartbeat, joinGroup, syncGroup, leaveGroup } from '../../protocol/apis/group-members.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { serve } from '../served-api.ts';

const memberIdFirstSince = 4;
const protocolNamedSince = 5;
const skipAssignmentSince = 9;
const nullProtocolNameSince = 7;
const severalLeaversSince = 3;

/**
 * JoinGroup: parks until the rebalance is complete. In version 0 the session timeout serves as the
 * rebalance timeout.
 */
export const joinGroupHandler = ({ groups }: BrokerServices) =>
  serve(
    joinGroup,
    async (request, { apiVersion, clientId, clientHost }) => {
      const { rebalanceTimeoutMs, sessionTimeoutMs } = request;
      const result = await groups.join({
        ...request,
        clientId,
        clientHost,
        rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? sessionTimeoutMs : rebalanceTimeoutMs,
        requireKnownMemberId: apiVersion >= memberIdFirstSince,
        supportsSkippingAssignment: apiVersion >= skipAssignmentSince,
      });
      return {
        ...result,
        protocolName: result.protocolName ?? (apiVersion >= nullProtocolNameSince ? null : ''),
      };
    },
    {
      refuse: (errorCode, _message, { memberId }, { apiVersion }) => ({
        errorCode,
        protocolName: apiVersion >= nullProtocolNameSince ? null : '',
        leader: '',
        memberId,
        members: [],
      }),
    },
  );

/**
 * SyncGroup: parks until the leader has sent the assignments. In versions that have the field, the
 * protocol name is required (KIP-559).
 */
export const syncGroupHandler = ({ groups }: BrokerServices) =>
  serve(
    syncGroup,
    (request, { apiVersion }) => {
      if (
        apiVersion >= protocolNamedSince &&
        (request.protocolType === null || request.protocolName === null)
      )
        throw new ProtocolError('INCONSISTENT_GROUP_PROTOCOL', 'protocol type and name are required');
      return groups.sync(request);
    },
    { refuse: (errorCode) => ({ errorCode, assignment: Buffer.alloc(0) }) },
  );

export const heartbeatHandler = ({ groups }: BrokerServices) =>
  serve(heartbeat, (request) => ({ errorCode: groups.heartbeat(request) }), {
    refuse: (errorCode) => ({ errorCode }),
  });

/**
 * LeaveGroup. Before version 3 there is one member, and its error is the error of the whole
 * response.
 */
export const leaveGroupHandler = ({ groups }: BrokerServices) =>
  serve(
    leaveGroup,
    async ({ groupId, memberId, members }, { apiVersion }) => {
      const single = apiVersion < severalLeaversSince;
      const result = await groups.leave(groupId, single ? [{ memberId, groupInstanceId: null }] : members);
      if (!single) return result;
      const own = result.members[0]?.errorCode ?? errorCodes.NONE;
      return { errorCode: result.errorCode === errorCodes.NONE ? own : result.errorCode };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );
