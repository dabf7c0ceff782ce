import type { StreamsApp } from '@millrace/streams';
import { minutes, type Clock } from '@millrace/streaming-core/runtime';
import type { CheckResult } from '../../observability/health/health.ts';

interface StreamsHealthParts {
  readonly app: Pick<StreamsApp, 'state' | 'failure' | 'onStateChange'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How many records the tasks have yet to restore. */
  readonly remainingRecords: () => number;
}

/** Most rebalances take a moment, during which the tasks of the process are up to date. */
const readyRebalanceMsMax = minutes(1);

/**
 * Says on `/readyz` how far the restoration is, how long a rebalance takes, and why an application has
 * failed. A process is ready while it runs, and in the first minute of a rebalance.
 */
export function streamsHealth({ app, clock, remainingRecords }: StreamsHealthParts): () => CheckResult {
  let changedAtMs = clock.monotonic();
  app.onStateChange(() => (changedAtMs = clock.monotonic()));
  return () => {
    const { state, failure } = app;
    const isRebalancing = state === 'rebalancing';
    const rebalancingMs = clock.monotonic() - changedAtMs;
    const details = {
      state,
      ...(isRebalancing && { rebalancingMs: Math.round(rebalancingMs) }),
      ...(state === 'restoring' && { remainingRecords: remainingRecords() }),
      ...(failure !== undefined && { reason: failure.message }),
    };
    return {
      healthy: state === 'running' || (isRebalancing && rebalancingMs <= readyRebalanceMsMax),
      details,
    };
  };
}
