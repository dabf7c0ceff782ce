import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hours, minutes, type Serde, serdes, type Topology, type Windowed } from '@millrace/streams';
import { until } from '@millrace/testing/within';
import { sharedStack } from '@millrace/test-support/stack';
import { runTopology } from './run-topology.ts';
import { StackLog } from './stack-log.ts';
import { abTest, type TestEvent } from './topologies/ab-test.ts';
import { pageViewsPerMinute } from './topologies/activity.ts';
import { lastViews } from './topologies/last-views.ts';
import { orderCounts } from './topologies/order-counts.ts';
import { surgePricing } from './topologies/surge-pricing.ts';
import { joinedEvents, userEvents } from './topologies/user-events.ts';
import { activity, hopping, ordersPer, sliding, tumbling, userSessions } from './topologies/windows.ts';

const text = serdes.string;
const log = new StackLog(sharedStack());
afterAll(() => log.close());

interface Input {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly timestampMs: number;
}

interface Read<Key, Value> {
  readonly topic: string;
  readonly key: Serde<Key>;
  readonly value: Serde<Value>;
  readonly count: number;
}

/** Writes the records, runs the topology, and returns as many committed records as are wanted of each output. */
async function play<Key, Value>(
  topology: Topology,
  inputs: readonly Input[],
  outputs: readonly Read<Key, Value>[],
  applicationId?: string,
): Promise<readonly (readonly (readonly [Key | null, Value | null])[])[]> {
  await log.producer.send(inputs);
  await using _app = await runTopology(topology, log.bootstrapServers, applicationId);
  return await Promise.all(
    outputs.map(async ({ topic, key, value, count }) => {
      const records = await until(
        () => log.committed(topic),
        (found) => found.length >= count,
      );
      return records.map((record) => [
        record.key && key.decode(record.key, topic),
        record.value && value.decode(record.value, topic),
      ]);
    }),
  );
}

const newTopics = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) await log.newTopic(name, 1);
};

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

describe('G48 uses by company on a broker', () => {
  const perMinute = serdes.timeWindowed(text, minutes(1));

  it('LinkedIn, activity: sends the views of a page once, when the minute has ended', async () => {
    await newTopics('page-views', 'page-views-per-minute');
    const view = (key: string, value: string, timestampMs: number) => ({
      topic: 'page-views',
      key,
      value,
      timestampMs,
    });
    const inputs = [view('ada', '/feed', 0), view('bob', '/feed', 59_999), view('ada', '/jobs', 60_000)];
    const [views] = await play(pageViewsPerMinute(), inputs, [
      { topic: 'page-views-per-minute', key: perMinute, value: serdes.safeLong, count: 1 },
    ]);

    expect(views?.map(([key, count]) => [key?.key, count])).toEqual([['/feed', 2]]);
  });

  it('Netflix, A/B test: gives the share of buyers per variant', async () => {
    await newTopics('ab-test-events', 'conversion-rates');
    const event = (key: string, { variant, action }: TestEvent, timestampMs: number) => ({
      topic: 'ab-test-events',
      key,
      value: JSON.stringify({ variant, action }),
      timestampMs,
    });
    const inputs = [
      event('ada', { variant: 'A', action: 'shown' }, 0),
      event('bob', { variant: 'A', action: 'shown' }, 0),
      event('kim', { variant: 'B', action: 'shown' }, 0),
      event('bob', { variant: 'A', action: 'bought' }, 1),
      event('kim', { variant: 'B', action: 'bought' }, 1),
    ];
    const [rates = []] = await play(abTest(), inputs, [
      { topic: 'conversion-rates', key: text, value: serdes.double, count: inputs.length },
    ]);

    expect(new Map(rates)).toEqual(
      new Map([
        ['A', 0.5],
        ['B', 1],
      ]),
    );
  });

  it('Uber, surge pricing: gives requests for each free driver, per cell and minute', async () => {
    await newTopics('ride-requests', 'free-drivers', 'surge');
    const at = (topic: string, key: string, value: string, timestampMs: number) => ({
      topic,
      key,
      value,
      timestampMs,
    });
    const inputs = [
      at('free-drivers', 'cell-7', 'driver-1', 0),
      at('free-drivers', 'cell-7', 'driver-2', 1),
      ...['ada', 'bob', 'eve'].map((rider) => at('ride-requests', 'cell-7', rider, 2)),
      at('ride-requests', 'cell-8', 'joe', 3),
    ];
    const [surge = []] = await play(surgePricing(), inputs, [
      { topic: 'surge', key: perMinute, value: serdes.double, count: inputs.length },
    ]);

    expect(new Map(surge.map(([key, share]) => [key?.key, share]))).toEqual(
      new Map([
        ['cell-7', 1.5],
        ['cell-8', 1],
      ]),
    );
  });

  it('Airbnb, features: keeps the last 10 listings of a user, the newest first', async () => {
    await newTopics('listing-views', 'user-features');
    const inputs = Array.from({ length: 12 }, (_, index) => ({
      topic: 'listing-views',
      key: 'ada',
      value: `listing-${index + 1}`,
      timestampMs: index,
    }));
    const [features] = await play(lastViews(), inputs, [
      { topic: 'user-features', key: text, value: serdes.json<readonly string[]>(), count: inputs.length },
    ]);

    const expected = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((view) => `listing-${view}`);
    expect(features?.at(-1)?.[1]).toEqual(expected);
  });
});

/** The first and the last minute of a window. */
const spanOf = (key: Windowed<string> | null): string =>
  [key?.window.startMs ?? 0, key?.window.endMs ?? 0]
    .map((timeMs) => Math.floor(timeMs / minutes(1)))
    .join('-');
