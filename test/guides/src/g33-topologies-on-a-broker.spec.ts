import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hours, minutes, serdes, type Windowed } from '@millrace/streams';
import { sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';
import { topologiesOn } from './topologies-on.ts';
import { orderCounts } from './topologies/order-counts.ts';
import { joinedEvents, userEvents } from './topologies/user-events.ts';
import { activity, hopping, ordersPer, sliding, tumbling, userSessions } from './topologies/windows.ts';

const text = serdes.string;
const log = new StackLog(sharedStack());
afterAll(() => log.close());

const { newTopics, play } = topologiesOn(log);

describe('G33 operators on a broker', () => {
  it('filters clicks and maps to upper case', async () => {
    await newTopics('user-events', 'filtered-events', 'upper-case-events');
    const inputs = ['click', 'scroll', 'double click'].map((value, timestampMs) => ({
      topic: 'user-events',
      key: 'user123',
      value,
      timestampMs,
    }));
    const textOf = (topic: string, count: number) => ({ topic, key: text, value: text, count });
    const [filtered, mapped] = await play(userEvents(), inputs, [
      textOf('filtered-events', 2),
      textOf('upper-case-events', 3),
    ]);

    expect(filtered?.map(([, value]) => value)).toEqual(['click', 'double click']);
    expect(mapped?.map(([, value]) => value)).toEqual(['CLICK', 'SCROLL', 'DOUBLE CLICK']);
  });

  it('joins events that are 5 minutes apart, and none that are further', async () => {
    await newTopics('left-events', 'right-events', 'joined-events');
    const at = (topic: string, value: string, timestampMs: number) => ({
      topic,
      key: 'user123',
      value,
      timestampMs,
    });
    const inputs = [
      at('left-events', 'a', 0),
      at('right-events', 'b', minutes(5)),
      at('right-events', 'c', minutes(5) + 1_000),
      at('left-events', 'd', minutes(10) + 1_000),
    ];
    const output = { topic: 'joined-events', key: text, value: text, count: 2 };

    expect(await play(joinedEvents(), inputs, [output])).toEqual([
      [
        ['user123', 'ab'],
        ['user123', 'dc'],
      ],
    ]);
  });
});

describe('G34 windows on a broker', () => {
  it.each([
    ['tumbling', tumbling, [4, 5], ['0-5 1', '5-10 1']],
    ['hopping', hopping(2), [4], ['0-5 1', '2-7 1', '4-9 1']],
    ['sliding', sliding, [10, 12, 16], ['5-10 1', '10-15 1', '7-12 2', '12-17 1', '11-16 2']],
  ])('counts the orders of %s windows', async (_name, windows, atMinutes, expected) => {
    await newTopics('orders', 'orders-per-window');
    const inputs = atMinutes.map((minute) => ({
      topic: 'orders',
      key: 'lamp',
      value: 'order',
      timestampMs: minutes(minute),
    }));
    const [counts] = await play(ordersPer(windows), inputs, [
      {
        topic: 'orders-per-window',
        key: serdes.timeWindowed(text, minutes(5)),
        value: serdes.safeLong,
        count: expected.length,
      },
    ]);

    expect(counts?.map(([key, count]) => `${spanOf(key)} ${count}`)).toEqual(expected);
  });

  it('merges the sessions that a late event within the grace connects', async () => {
    await newTopics('user-activity', 'user-sessions');
    const inputs = ['09:00', '09:29', '09:58', '10:30', '10:05'].map((clock) => ({
      topic: 'user-activity',
      key: 'user123',
      value: 'click',
      timestampMs: Date.parse(`1970-01-01T${clock}:00Z`),
    }));
    const [updates = []] = await play(userSessions(activity.grace(hours(1))), inputs, [
      { topic: 'user-sessions', key: serdes.sessionWindowed(text), value: serdes.safeLong, count: 9 },
    ]);

    const sessions = new Map(updates.map(([key, count]) => [spanOf(key), count]));
    expect([...sessions].filter(([, count]) => count !== null)).toEqual([['540-630', 5]]);
  });
});

describe('G36 state on a broker', () => {
  it('restores the store of a processor from its changelog when the state folder is lost', async () => {
    await newTopics('orders', 'order-counts-output');
    const applicationId = `guides-${randomUUID()}`;
    const order = (value: string) => ({ topic: 'orders', key: 'lamp', value, timestampMs: 0 });
    const output = { topic: 'order-counts-output', key: text, value: serdes.safeLong };
    await play(
      orderCounts(),
      [order('order 123'), order('order 456')],
      [{ ...output, count: 2 }],
      applicationId,
    );

    const [counts] = await play(
      orderCounts(),
      [order('order 789')],
      [{ ...output, count: 3 }],
      applicationId,
    );
    expect(counts?.map(([, count]) => count)).toEqual([1, 2, 3]);
  });
});

/** The first and the last minute of a window. */
const spanOf = (key: Windowed<string> | null): string =>
  [key?.window.startMs ?? 0, key?.window.endMs ?? 0]
    .map((timeMs) => Math.floor(timeMs / minutes(1)))
    .join('-');
