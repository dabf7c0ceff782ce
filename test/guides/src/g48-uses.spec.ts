import { describe, expect, it } from '@jest/globals';
import { minutes, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { abTest, type TestEvent } from './topologies/ab-test.ts';
import { pageViewsPerMinute } from './topologies/activity.ts';
import { lastViews } from './topologies/last-views.ts';
import { surgePricing } from './topologies/surge-pricing.ts';

const text = serdes.string;
const perMinute = serdes.timeWindowed(text, minutes(1));

describe('G48 uses by company', () => {
  it('LinkedIn, activity: sends the views of a page once, when the minute has ended', () => {
    using driver = new TopologyTestDriver(pageViewsPerMinute());
    const input = driver.createInputTopic('page-views', text, text);
    input.pipeInput('ada', '/feed', 0);
    input.pipeInput('bob', '/feed', 59_999);
    const output = driver.createOutputTopic('page-views-per-minute', perMinute, serdes.safeLong);
    expect(output.isEmpty).toBe(true);

    input.pipeInput('ada', '/jobs', 60_000);
    expect(output.readRecordsToList().map(({ key, value }) => [key?.key, value])).toEqual([['/feed', 2]]);
  });

  it('Netflix, A/B test: gives the share of buyers per variant', () => {
    using driver = new TopologyTestDriver(abTest());
    const input = driver.createInputTopic('ab-test-events', text, serdes.json<TestEvent>());
    for (const user of ['ada', 'bob', 'eve', 'joe'])
      input.pipeInput(user, { variant: 'A', action: 'shown' }, 0);
    input.pipeInput('kim', { variant: 'B', action: 'shown' }, 0);
    input.pipeInput('eve', { variant: 'A', action: 'bought' }, 1);
    input.pipeInput('kim', { variant: 'B', action: 'bought' }, 1);

    const rates = driver.createOutputTopic('conversion-rates', text, serdes.double).readKeyValuesToList();
    expect(Object.fromEntries(rates)).toEqual({ A: 0.25, B: 1 });
  });

  it('Uber, surge pricing: gives requests for each free driver, per cell and minute', () => {
    using driver = new TopologyTestDriver(surgePricing());
    const requests = driver.createInputTopic('ride-requests', text, text);
    const drivers = driver.createInputTopic('free-drivers', text, text);
    drivers.pipeInput('cell-7', 'driver-1', 0);
    drivers.pipeInput('cell-7', 'driver-2', 1);
    for (const rider of ['ada', 'bob', 'eve']) requests.pipeInput('cell-7', rider, 2);
    requests.pipeInput('cell-8', 'joe', 3);
    requests.pipeInput('cell-7', 'kim', minutes(1));

    const surge = driver.createOutputTopic('surge', perMinute, serdes.double).readRecordsToList();
    const last = Object.fromEntries(
      surge.map(({ key, value }) => [`${key?.key} at ${key?.window.startMs}`, value]),
    );
    expect(last).toEqual({ 'cell-7 at 0': 1.5, 'cell-8 at 0': 1, 'cell-7 at 60000': 1 });
  });

  it('Airbnb, features: keeps the last 10 listings of a user, the newest first', () => {
    using driver = new TopologyTestDriver(lastViews());
    const input = driver.createInputTopic('listing-views', text, text);
    for (let view = 1; view <= 12; view += 1) input.pipeInput('ada', `listing-${view}`, view);

    const features = driver.createOutputTopic('user-features', text, serdes.json<readonly string[]>());
    const expected = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((view) => `listing-${view}`);
    expect(features.readRecordsToList().at(-1)?.value).toEqual(expected);
  });
});
