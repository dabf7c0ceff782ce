import { describe, expect, it } from '@jest/globals';
import { serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { orderCounts } from './topologies/order-counts.ts';

const text = serdes.string;

describe('G36 state', () => {
  it('restores the store of a processor from its changelog after a crash', () => {
    using driver = new TopologyTestDriver(orderCounts(), { applicationId: 'orders' });
    const input = driver.createInputTopic('orders', text, text);
    input.pipeInput('lamp', 'order 123', 0);
    input.pipeInput('lamp', 'order 456', 1);
    driver.crash();
    input.pipeInput('lamp', 'order 789', 2);

    const counts = driver.createOutputTopic('order-counts-output', text, serdes.safeLong);
    expect(counts.readKeyValuesToList()).toEqual([
      ['lamp', 1],
      ['lamp', 2],
      ['lamp', 3],
    ]);
    expect(driver.getKeyValueStore('order-counts').get('lamp')).toBe(3);
    expect([...driver.producedTopicNames()].sort()).toEqual([
      'order-counts-output',
      'orders-order-counts-changelog',
    ]);
  });
});
