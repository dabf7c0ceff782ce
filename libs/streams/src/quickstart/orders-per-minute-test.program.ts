import assert from 'node:assert/strict';
import { minutes, serdes } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';
import { orders, ordersPerMinute, perMinute } from './orders-per-minute.fixture.ts';

using driver = new TopologyTestDriver(ordersPerMinute());
const input = driver.createInputTopic('orders', serdes.string, orders);
const counts = driver.createOutputTopic('orders-per-minute', perMinute, serdes.safeLong);
const late = driver.createOutputTopic('late-orders', serdes.string, orders);
const lamp = { sku: 'lamp', quantity: 1 };

input.pipeInput('order-1', lamp, 0);
input.pipeInput('order-2', lamp, 59_999);
input.pipeInput('order-3', lamp, minutes(6));
input.pipeInput('order-4', lamp, 59_999);

const updates = counts.readRecordsToList().map(({ key, value }) => [key?.key, key?.window.startMs, value]);
assert.deepEqual(updates, [
  ['lamp', 0, 1],
  ['lamp', 0, 2],
  ['lamp', minutes(6), 1],
]);
assert.deepEqual(late.readValuesToList(), [lamp]);
