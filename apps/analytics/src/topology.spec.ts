import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import type { OrderEvent } from '@millrace/contracts';
import type { OrderProgress } from './domain/order-progress.ts';
import { cancelled, completed, placed } from './orders.fixture.ts';
import { summaryOf, topProducts } from './summary.ts';
import { events, figuresByDay, quantities, topology } from './topology.ts';

const january = { from: '2026-01-01', to: '2026-01-31' };

describe('the analytics of orders', () => {
  let driver: TopologyTestDriver;
  beforeEach(() => {
    driver = new TopologyTestDriver(topology());
  });
  afterEach(() => driver.close());

  function take(...arriving: readonly OrderEvent[]): void {
    const input = driver.createInputTopic('order-events', serdes.string, events);
    for (const event of arriving) {
      const at =
        'placedAt' in event ? event.placedAt : 'completedAt' in event ? event.completedAt : undefined;
      input.pipeInput(event.orderId, event, Date.parse(at ?? '2026-01-30T10:00:00.000Z'));
    }
  }
  const summary = (range = january) => summaryOf(driver.getKeyValueStore(figuresByDay), range);
  const products = (limit: number) => topProducts(driver.getKeyValueStore(quantities), january, limit);

  it('count placed, completed and cancelled orders, their reasons and the revenue', () => {
    take(placed(1), placed(2), placed(4, '2026-01-31', 'USD'), placed(5, '2026-01-31'));
    take(completed(1), completed(4), cancelled(2));

    expect(summary()).toEqual({
      placed: 4,
      completed: 2,
      cancelled: { out_of_stock: 1 },
      revenue: { EUR: 20_00, USD: 20_00 },
      conversion: 0.5,
      days: [
        {
          day: '2026-01-30',
          placed: 2,
          completed: 1,
          cancelled: { out_of_stock: 1 },
          revenue: { EUR: 20_00 },
        },
        { day: '2026-01-31', placed: 2, completed: 1, cancelled: {}, revenue: { USD: 20_00 } },
      ],
    });
    expect(summary({ from: '2026-01-31', to: '2026-01-31' }).placed).toBe(2);
  });

  it('count an order on the day on which it was placed', () => {
    take(placed(1), completed(1, '2026-02-02'));

    expect(summary()).toMatchObject({ placed: 1, completed: 1 });
  });

  it('T26 count an event once that comes twice, and nothing after the end of an order', () => {
    take(placed(1), placed(1), completed(1), placed(1), completed(1), cancelled(1));

    expect(summary()).toMatchObject({ placed: 1, completed: 1, cancelled: {}, revenue: { EUR: 20_00 } });
    expect(products(10)).toEqual([
      { sku: 'lamp', quantity: 2 },
      { sku: 'mug', quantity: 1 },
    ]);
  });

  it('leave out the end of an order that was never placed here', () => {
    take(completed(1), cancelled(2));

    expect(summary()).toMatchObject({ placed: 0, conversion: null, days: [] });
  });

  it('name the products of which most was ordered, also in orders that are cancelled later', () => {
    take(placed(1), placed(5), cancelled(5));

    expect(products(1)).toEqual([{ sku: 'mug', quantity: 6 }]);
  });

  it('forget an order eight days after its end, and remember an open one', () => {
    take(placed(1), completed(1), placed(2), placed(3, '2026-02-08'));
    const orders = driver.getKeyValueStore<string, OrderProgress>('orders');

    expect([...orders.all()].map(({ value }) => value.outcome)).toEqual(['open', 'open']);
    expect(summary()).toMatchObject({ placed: 2, completed: 1 });
  });
});
