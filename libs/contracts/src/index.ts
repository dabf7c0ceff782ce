export * as fields from './fields.ts';
export type {
  CancellationReason,
  Money,
  OrderLine,
  PaymentMethod,
  PricedLine,
  ShippingAddress,
} from './fields.ts';
export { inventoryCommands, inventoryEvents, productEvents } from './inventory.ts';
export type {
  CommitReservation,
  ProductDefined,
  ProductPriceChanged,
  ReleaseInventory,
  ReserveInventory,
} from './inventory.ts';
export { notificationCommands, notificationEvents, notificationKind } from './notification.ts';
export type { NotificationKind, SendOrderMail } from './notification.ts';
export { orderCommands, orderEvents } from './order.ts';
export type { CancelOrder, CompleteOrder, OrderCompleted, OrderCreated } from './order.ts';
export { accountEvents, paymentCommands, paymentEvents } from './payment.ts';
export type { ProcessPayment, RefundPayment } from './payment.ts';
export { shippingCommands, shippingEvents } from './shipping.ts';
export type { CancelShipment, ScheduleShipment } from './shipping.ts';
export { eventsOfOrders, messageNames, topics } from './topics.ts';
