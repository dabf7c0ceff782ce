import type { DurationMs } from '../../runtime/index.ts';
import { z } from 'zod';
import { connectionSchemas } from '../connection/connection-settings.ts';
import { functionOf, listOf, named, refused, span, text } from '../connection/options.ts';
import { readerSchemas } from './log-reader.ts';

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

/** The options that all members of groups share. */
export const memberSchemas = {
  ...connectionSchemas,
  ...readerSchemas,
  groupId: named('the group a name'),
  groupInstanceId: text.optional(),
  sessionTimeoutMs: span.optional(),
  rebalanceTimeoutMs: span.optional(),
  heartbeatIntervalMs: span.optional(),
  closeTimeoutMs: span.optional(),
};

export const topicNames = listOf(named('the name of a topic'), "topic names, such as ['orders']");

/** Assignors with these rebalance protocols. */
export const assignorsOf = (protocol: z.ZodType): z.ZodType =>
  listOf(
    z.object(
      {
        name: named('the assignor a name'),
        protocols: listOf(protocol, 'rebalance protocols', 'at least one'),
        assign: functionOf(),
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
