import type { DurationMs } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';

export interface MembershipSettings {
  readonly groupInstanceId?: string;
  readonly sessionTimeoutMs: DurationMs;
  readonly rebalanceTimeoutMs: DurationMs;
  readonly heartbeatIntervalMs: DurationMs;
}

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
  for (const [name, value] of Object.entries({ sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs }))
    if (!(value >= 0)) throw refused(`${name} is ${value}: give a number of milliseconds, at least 0`);
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
