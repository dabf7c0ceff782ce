import type { PoolReport } from '../database/pool-report.ts';
import { listen } from '../metrics/listen.ts';
import type { Instruments } from './instruments.ts';
import { attribute, metric } from './names.ts';

/**
 * Measures how many connections the pools have, by state, and how many requests wait for one.
 * Returns a function that stops measuring.
 */
export function measurePools({ meter }: Instruments): () => void {
  const pools = new Map<string, PoolReport['pool']>();
  const stop = listen({
    'millrace.database.opened': ({ name, pool }: PoolReport) => void pools.set(name, pool),
  });
  const connections = meter.createObservableUpDownCounter(metric.dbClientConnectionCount, {
    unit: '{connection}',
  });
  const limit = meter.createObservableUpDownCounter(metric.dbClientConnectionLimit, { unit: '{connection}' });
  const waiting = meter.createObservableUpDownCounter(metric.dbClientConnectionPendingRequests, {
    unit: '{request}',
  });
  meter.addBatchObservableCallback(
    (result) => {
      for (const [name, { totalCount, idleCount, waitingCount, options }] of pools) {
        const of = { [attribute.dbClientConnectionPoolName]: name };
        result.observe(connections, idleCount, { ...of, [attribute.dbClientConnectionState]: 'idle' });
        result.observe(connections, totalCount - idleCount, {
          ...of,
          [attribute.dbClientConnectionState]: 'used',
        });
        result.observe(limit, options.max, of);
        result.observe(waiting, waitingCount, of);
      }
    },
    [connections, limit, waiting],
  );
  return stop;
}
