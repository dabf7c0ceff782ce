import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { days, serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import type { Counts, Profile } from './domain/recommendations.ts';
import { orders, placed } from './orders.fixture.ts';
import { events, neighbours, profiles, topology } from './topology.ts';

describe('what customers buy', () => {
  let driver: TopologyTestDriver;
  beforeEach(() => {
    driver = new TopologyTestDriver(topology());
  });
  afterEach(() => driver.close());

  function take(arriving: readonly OrderEvent[], atMs = 0): void {
    const input = driver.createInputTopic('order-events', serdes.string, events);
    for (const event of arriving) input.pipeInput(event.orderId, event, atMs);
  }
  const boughtBy = (customerId: string) =>
    driver
      .getKeyValueStore<string, Profile>(profiles)
      .get(customerId)
      ?.map(({ sku }) => sku);
  const neighboursOf = (sku: string) => driver.getKeyValueStore<string, Counts>(neighbours).get(sku);

  it('is counted by customer, and by what was bought together', () => {
    take(orders);

    expect(boughtBy('cleo')).toEqual(['bulb', 'shade', 'lamp']);
    expect(neighboursOf('lamp')).toEqual(Object.entries({ bulb: 2, shade: 1 }));
    expect(neighboursOf('bulb')).toEqual(Object.entries({ lamp: 2, shade: 1 }));
  });

  it('T31 counts a repeated order once', () => {
    take(orders);
    take([placed(9, 'dora', 'stool')], days(7));
    take(orders, days(7));

    expect(boughtBy('ada')).toEqual(['lamp']);
    expect(neighboursOf('lamp')).toEqual(Object.entries({ bulb: 2, shade: 1 }));
  });

  it('leaves out everything but placed orders', () => {
    take([
      orderEvents.OrderCompleted({ orderId: orders[0]!.orderId, completedAt: '2026-01-30T10:00:00.000Z' }),
    ]);

    expect([...driver.getKeyValueStore(profiles).all()]).toEqual([]);
  });

  it('counts a product once per order, and at most twenty of an order', () => {
    const skus = Array.from({ length: 30 }, (_, index) => `sku-${10 + index}`);
    take([placed(1, 'ada', 'lamp', 'lamp', 'bulb'), placed(2, 'bob', ...skus)]);

    expect(neighboursOf('lamp')).toEqual([['bulb', 1]]);
    expect(neighboursOf('sku-10')).toHaveLength(19);
    expect(neighboursOf('sku-30')).toBeNull();
  });
});
