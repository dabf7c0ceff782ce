import {
  declareDeadLetters,
  messageTypesOf,
  type MessageDeclaration,
  type TopicDeclaration,
} from '@millrace/streaming-core/contract';
import { inventoryCommands, inventoryEvents, productEvents } from './inventory.ts';
import { notificationCommands, notificationEvents } from './notification.ts';
import { orderCommands, orderEvents } from './order.ts';
import { accountEvents, paymentCommands, paymentEvents } from './payment.ts';
import { shippingCommands, shippingEvents } from './shipping.ts';

const constructed = [
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
] as const;

const declared = constructed.map((topic) => topic.declaration);

/** Every topic of the platform, each with its dead-letter topic. The setup step creates them. */
export const topics: readonly TopicDeclaration[] = Object.freeze([
  ...declared,
  ...declared.map(declareDeadLetters),
]);

/** Every message of the platform, with its schema. */
export const messageTypes: readonly MessageDeclaration[] = Object.freeze(constructed.flatMap(messageTypesOf));

/** Every message of the platform by its topic and type, with a space between them. */
export const messageNames: readonly string[] = Object.freeze(
  constructed.flatMap(({ declaration, ...messages }) =>
    Object.keys(messages).map((type) => `${declaration.name} ${type}`),
  ),
);

/** The event topics that are keyed by the order's id. Together they tell the story of an order. */
export const eventsOfOrders: readonly TopicDeclaration[] = Object.freeze(
  declared.filter(({ name, key }) => key === 'orderId' && name.endsWith('-events')),
);
