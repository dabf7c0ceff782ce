import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectGroupConsumer, type GroupConsumerOptions } from './group-consumer.ts';

const place = { bootstrapServers: ['127.0.0.1:1'], clientId: 'group-settings', logger: silentLogger };
const member = { groupId: 'group', topics: ['orders'] };

describe('the settings of a group member', () => {
  it.each<readonly [Partial<GroupConsumerOptions>, string]>([
    [
      { rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 10_000 },
      'rebalanceTimeoutMs is 5000, below sessionTimeoutMs: give at least 10000',
    ],
    [
      { heartbeatIntervalMs: 7_000, sessionTimeoutMs: 6_000 },
      'heartbeatIntervalMs is 7000, above sessionTimeoutMs',
    ],
    [{ sessionTimeoutMs: -1 }, 'sessionTimeoutMs is -1: give a number of milliseconds'],
    [{ rebalanceTimeoutMs: Number.NaN }, 'rebalanceTimeoutMs is NaN: give a number of milliseconds'],
    [{ groupInstanceId: 'a b' }, 'groupInstanceId is "a b": give a name without spaces'],
    [{ groupInstanceId: '' }, 'groupInstanceId is "": give a name'],
  ])('are rejected with the remedy: %p', (options, message) => {
    expect(() => connectGroupConsumer({ ...place, ...member, ...options })).toThrow(
      expect.objectContaining({ code: 'settings_refused', message: expect.stringContaining(message) }),
    );
  });

  it('are accepted at their bounds', async () => {
    const bounds = {
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs: 6_000,
      heartbeatIntervalMs: 6_000,
      groupInstanceId: 'a-1',
    };
    await connectGroupConsumer({ ...place, ...member, ...bounds }).close();
  });
});
