import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import { connectionRules } from '../connection/connection-rules.ts';
import { groupName } from '../given/domain-rules.ts';
import {
  functionOf,
  listOf,
  named,
  objectOf,
  optional,
  span,
  text,
  type Rule,
  type Rules,
} from '../given/rules.ts';
import { readerRules } from './reader-rules.ts';

export interface MembershipSettings {
  readonly groupInstanceId?: string;
  readonly sessionTimeoutMs: DurationMs;
  readonly rebalanceTimeoutMs: DurationMs;
  readonly heartbeatIntervalMs: DurationMs;
  /**
   * The interval of a group's only member (default: `heartbeatIntervalMs`). Nobody else has
   * partitions to hand over, so a longer one delays only a member that joins.
   */
  readonly heartbeatIntervalMsAlone?: DurationMs;
}

/** The rules of the options that all members of groups share. */
export const memberRules: Rules = {
  ...connectionRules,
  ...readerRules,
  groupId: groupName,
  groupInstanceId: optional(text),
  sessionTimeoutMs: optional(span),
  rebalanceTimeoutMs: optional(span),
  heartbeatIntervalMs: optional(span),
  closeTimeoutMs: optional(span),
};

/** Assignors each of whose protocols follows this rule. */
export const assignorsWith = (protocol: Rule): Rule =>
  listOf(
    objectOf(
      {
        name: named('the assignor a name'),
        protocols: listOf(protocol, 'rebalance protocols', 'at least one'),
        assign: functionOf('a function'),
      },
      'an assignor, such as rangeAssignor',
    ),
    'assignors, such as [rangeAssignor]',
    'at least one, or leave it out',
  );

/**
 * Throws `settings_refused`, with the remedy, for settings with which the coordinator rejects
 * every attempt to join the group.
 */
export function refuseUnusable({
  groupInstanceId,
  sessionTimeoutMs,
  rebalanceTimeoutMs,
  heartbeatIntervalMs,
}: MembershipSettings): void {
  if (rebalanceTimeoutMs < sessionTimeoutMs)
    throw refused(
      `rebalanceTimeoutMs is ${rebalanceTimeoutMs}, below sessionTimeoutMs: ` +
        `give at least ${sessionTimeoutMs}, or leave it out`,
    );
  if (heartbeatIntervalMs > sessionTimeoutMs)
    throw refused(
      `heartbeatIntervalMs is ${heartbeatIntervalMs}, above sessionTimeoutMs: ` +
        `give a third of ${sessionTimeoutMs}, or leave it out`,
    );
  if (groupInstanceId !== undefined && !/^\S+$/.test(groupInstanceId))
    throw refused(`groupInstanceId is "${groupInstanceId}": give a name without spaces, or leave it out`);
}

const refused = (why: string) => new ClientError('settings_refused', why);
