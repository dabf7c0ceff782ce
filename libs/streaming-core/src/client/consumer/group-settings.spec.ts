import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectionSettings } from '../connection/connection.ts';
import { connectGroupConsumer, type GroupConsumerOptions } from './group-consumer.ts';
import { GroupMembership } from './group-membership.ts';

const place = { bootstrapServers: ['127.0.0.1:1'], clientId: 'group-settings', logger: silentLogger };
const member = { groupId: 'group', topics: ['orders'] };
const times = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 15_000, heartbeatIntervalMs: 1_000 };

describe('what a member of a group is made with', () => {
  it.each<readonly [Partial<GroupConsumerOptions>, string]>([
    [
      { rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 10_000 },
      'rebalanceTimeoutMs is 5000, below sessionTimeoutMs: give at least 10000',
    ],
    [
      { heartbeatIntervalMs: 7_000, sessionTimeoutMs: 6_000 },
      'heartbeatIntervalMs is 7000, above sessionTimeoutMs',
    ],
    [{ sessionTimeoutMs: -1 }, 'sessionTimeoutMs is -1: give milliseconds'],
    [{ rebalanceTimeoutMs: Number.NaN }, 'rebalanceTimeoutMs is NaN: give milliseconds'],
    [{ groupInstanceId: 'a b' }, 'groupInstanceId is "a b": give a name without spaces'],
    [{ groupInstanceId: '' }, 'groupInstanceId is "": give a name'],
  ])('is refused with the remedy: %p', (options, message) => {
    expect(() => connectGroupConsumer({ ...place, ...member, ...options })).toThrow(
      expect.objectContaining({ code: 'settings_refused', message: expect.stringContaining(message) }),
    );
  });

  it('is taken at its bounds', async () => {
    const bounds = {
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs: 6_000,
      heartbeatIntervalMs: 6_000,
      groupInstanceId: 'a-1',
    };
    await connectGroupConsumer({ ...place, ...member, ...bounds }).close();
  });

  it('and refused by the library all the same fails the start, and the member says that it has stopped', async () => {
    const stopped: Error[] = [];
    const listener = {
      onRevoked: async () => undefined,
      onAssigned: async () => undefined,
      onStopped: (error: Error) => void stopped.push(error),
    };
    const membership = new GroupMembership(
      { ...connectionSettings(place), ...member, ...times, groupInstanceId: 'a b' },
      listener,
    );

    await expect(membership.start()).rejects.toMatchObject({
      code: 'broker_error',
      message: expect.stringContaining('groupInstanceId'),
    });
    expect(stopped).toMatchObject([{ code: 'broker_error' }]);
    await membership.close();
  });
});
