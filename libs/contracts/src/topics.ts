import { declareDeadLetters, type TopicDeclaration } from '@millrace/streaming-core/contract';
import { inventoryCommands, inventoryEvents, productEvents } from './inventory.ts';
import { notificationCommands, notificationEvents } from './notification.ts';
import { orderCommands, orderEvents } from './order.ts';
import { accountEvents, paymentCommands, paymentEvents } from './payment.ts';
import { shippingCommands, shippingEvents } from './shipping.ts';

const declared = [
  orderCommands,
  orderEvents,
  inventoryCommands,
  inventoryEvents,
  productEvents,
  paymentCommands,
  paymentEvents,
  accountEvents,
  shippingCommands,
  shippingEvents,
  notificationCommands,
  notificationEvents,
].map((topic) => topic.declaration);

/** Every topic of the platform with the dead-letter topic of each: what the setup step creates. */
export const topics: readonly TopicDeclaration[] = Object.freeze([
  ...declared,
  ...declared.map(declareDeadLetters),
]);

/** Topics of the events that have an order's id as their key: together they tell an order's story. */
export const eventsOfOrders: readonly TopicDeclaration[] = Object.freeze(
  declared.filter(({ name, key }) => key === 'orderId' && name.endsWith('-events')),
);
