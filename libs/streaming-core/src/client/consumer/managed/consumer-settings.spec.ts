import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../../runtime/index.ts';
import { cooperativeStickyAssignor } from '../cooperative-sticky-assignor.ts';
import { rangeAssignor } from '../range-assignor.ts';
import { consumerSettings, type ConsumerOptions } from './consumer-settings.ts';

const options: ConsumerOptions = {
  bootstrapServers: ['127.0.0.1:9092'],
  clientId: 'settings',
  logger: silentLogger,
  groupId: 'settings',
  topics: ['orders'],
};
const cooperativeOnly = { ...cooperativeStickyAssignor, protocols: ['cooperative'] } as const;

describe('the settings of a consumer', () => {
  it.each<[Partial<ConsumerOptions>, string]>([
    [{ groupId: '' }, 'groupId is empty: give the group a name'],
    [{ pattern: /orders/ }, 'give either topics or pattern'],
    [{ topics: undefined }, 'give either topics or pattern'],
    [{ maxBufferedBytes: 0 }, 'maxBufferedBytes is 0: give a number above 0'],
    [
      { maxPollIntervalMs: 0 },
      'maxPollIntervalMs is 0: give a number of milliseconds above 0 and at most 2147483647',
    ],
    [
      { maxPollIntervalMs: Infinity },
      'maxPollIntervalMs is Infinity: give a number of milliseconds above 0 and at most',
    ],
    [{ autoCommit: { intervalMs: 0 } }, 'autoCommit is an object: give false, or an interval above 0'],
    [{ assignors: [] }, 'assignors is empty: give at least one, or leave it out'],
    [{ assignors: [rangeAssignor, rangeAssignor] }, 'assignors has a name twice (range, range)'],
    [{ assignors: [rangeAssignor, cooperativeOnly] }, 'have no rebalance protocol in common'],
    [{ heartbeatIntervalMs: 60_000 }, 'heartbeatIntervalMs is 60000, above sessionTimeoutMs'],
  ])('are refused with the remedy: %j', (change, message) => {
    expect(() => consumerSettings({ ...options, ...change })).toThrow(message);
  });

  it('commit every 5 s and begin with new records by default, as in Kafka', () => {
    expect(consumerSettings(options)).toMatchObject({
      autoCommit: { intervalMs: 5_000 },
      autoOffsetReset: 'latest',
      isolation: 'read_uncommitted',
    });
  });

  it.each<[Partial<ConsumerOptions>, number]>([
    [{}, 300_000],
    [{ maxPollIntervalMs: 900_000 }, 900_000],
    [{ maxPollIntervalMs: 1_000 }, 60_000],
    [{ maxPollIntervalMs: 1_000, sessionTimeoutMs: 90_000 }, 90_000],
    [{ rebalanceTimeoutMs: 70_000 }, 70_000],
  ])('take the rebalance timeout from the poll interval unless it is given: %j', (change, expected) => {
    expect(consumerSettings({ ...options, ...change }).rebalanceTimeoutMs).toBe(expected);
  });

  it('match a pattern against every name alike, even if it is global or sticky', () => {
    const { subscribed } = consumerSettings({ ...options, topics: undefined, pattern: /^orders/giy });

    if (typeof subscribed !== 'function') throw new Error('expected a function');
    expect(['Orders', 'ORDERS-2', 'orders', 'other'].map(subscribed)).toEqual([true, true, true, false]);
  });
});
