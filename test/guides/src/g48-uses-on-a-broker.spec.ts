import { afterAll, describe, expect, it } from '@jest/globals';
import { minutes, serdes } from '@millrace/streams';
import { sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';
import { topologiesOn } from './topologies-on.ts';
import { abTest, type TestEvent } from './topologies/ab-test.ts';
import { pageViewsPerMinute } from './topologies/activity.ts';
import { lastViews } from './topologies/last-views.ts';
import { surgePricing } from './topologies/surge-pricing.ts';

const text = serdes.string;
const log = new StackLog(sharedStack());
afterAll(() => log.close());

const { newTopics, play } = topologiesOn(log);

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
