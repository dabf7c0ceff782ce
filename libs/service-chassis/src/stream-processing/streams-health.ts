import type { StreamsApp, StreamsState } from '@millrace/streams';
import type { CheckResult } from '../health/health.ts';

/** The states in which the tasks of the process are up to date. A rebalance takes a moment only. */
const readyStates: ReadonlySet<StreamsState> = new Set(['running', 'rebalancing']);

/** Says on `/readyz` how far the restoration is, and why an application has failed. */
export function streamsHealth(
  { state, failure }: Pick<StreamsApp, 'state' | 'failure'>,
  remainingRecords: number,
): CheckResult {
  const details = {
    state,
    ...(state === 'restoring' && { remainingRecords }),
    ...(failure !== undefined && { reason: failure.message }),
  };
  return { healthy: readyStates.has(state), details };
}
